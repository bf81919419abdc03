import HTTPTypes
import NIOCore
import RegistryHTTP
import Testing

@Suite("Responses from open objects")
struct FileAnswerTests {
    private static let megabyte = 1 << 20

    @Test(
        "a part of a file arrives exactly, with and without a descriptor",
        arguments: [
            0..<0, 0..<1, 0..<4096, 1..<2, 4095..<4097, 524_287..<524_289, 0..<524_288, 100..<3_000_001, 0..<3_145_728,
            3_145_727..<3_145_728,
        ],
        [true, false]
    )
    func ranges(range: Range<Int>, hasDescriptor: Bool) async throws {
        let file = try TestFile(byteCount: 3 * Self.megabyte)
        let answer = try await withServer { _ in
            let bounds = Int64(range.lowerBound)..<Int64(range.upperBound)
            guard hasDescriptor else {
                return RegistryResponse(
                    .partialContent,
                    body: .object(TestMemoryReader(byteCount: 3 << 20), range: bounds)
                )
            }
            guard let reader = try? file.reader() else { return RegistryResponse(.internalServerError) }
            return RegistryResponse(.partialContent, body: .object(reader, range: bounds))
        } whileRunning: { port, _ in
            try await withClient(of: port) { try $0.exchange("GET /file HTTP/1.1\r\nHost: x\r\n\r\n") }
        }
        #expect(answer.status == 206)
        #expect(answer["content-length"] == "\(range.count)")
        #expect(answer.body == TestFile.bytes(range))
    }

    @Test("HEAD gets the headers of GET and no body")
    func head() async throws {
        let file = try TestFile(byteCount: Self.megabyte)
        try await withFileServer(file) { port in
            try await withClient(of: port) { client in
                let head = try client.exchange("HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n", withBody: false)
                #expect(head["content-length"] == "1048576")
                let next = try client.exchange("GET /text HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(next.text == "/text")
            }
        }
        #expect(await file.isClosed())
    }

    @Test("pipelined requests are served in order, files and buffers mixed")
    func pipelining() async throws {
        let file = try TestFile(byteCount: 3 * Self.megabyte)
        try await withFileServer(file) { port in
            try await withClient(of: port) { client in
                let targets = ["/file", "/one", "/file", "/file", "/two"]
                try client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
                for target in targets {
                    let answer = try client.receiveAnswer()
                    let expected = target == "/file" ? TestFile.bytes(0..<file.byteCount) : Array(target.utf8)
                    #expect(answer.body == expected)
                }
            }
        }
    }

    @Test("a client that reads one kilobyte at a time gets all of a large file")
    func slowReader() async throws {
        let file = try TestFile(byteCount: 20 * Self.megabyte)
        try await withFileServer(file) { port in
            try await withClient(of: port, receiveBufferByteCount: 4096) { client in
                try client.send("GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let head = try client.receiveHead()
                #expect(head["content-length"] == "\(file.byteCount)")
                #expect(head["connection"] == "close")
                #expect(try client.receive(exactly: file.byteCount, step: 1024) == TestFile.bytes(0..<file.byteCount))
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test("clients that hang up in the middle of a file leave no descriptor behind")
    func hangingUp() async throws {
        let file = try TestFile(byteCount: 32 * Self.megabyte)
        try await withFileServer(file) { port in
            for _ in 0..<20 {
                try await withClient(of: port) { client in
                    try client.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
                    _ = try client.receive(exactly: 100_000)
                    client.hangUp()
                }
            }
            #expect(await file.isClosed())
        }
    }

    @Test("a file that shrinks while its reader is slow ends the connection", arguments: [0, 700_000])
    func shrinkingUnderWay(byteCount: Int) async throws {
        let file = try TestFile(byteCount: 32 * Self.megabyte)
        try await withFileServer(file) { port in
            try await withClient(of: port) { client in
                try client.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.receiveHead()
                // The kernel's buffers are full and a piece is half sent when the file is truncated.
                _ = try client.receive(exactly: 1000)
                file.shrink(to: byteCount)
                let start = ContinuousClock.now
                #expect(try client.countToEnd() < file.byteCount - 1000)
                #expect(start.duration(to: .now) < .seconds(30))
            }
            #expect(await file.isClosed())
        }
    }

    @Test("a file shorter than announced ends the connection without padding")
    func shortFromTheStart() async throws {
        let file = try TestFile(byteCount: Self.megabyte)
        file.shrink(to: 600_000)
        try await withFileServer(file) { port in
            let received = try await withClient(of: port) { client in
                try client.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.receiveHead()
                return try client.countToEnd()
            }
            #expect(received <= 600_000)
        }
    }

    @Test("an object without a descriptor that ends early ends the connection")
    func shortStream() async throws {
        let received = try await withServer { _ in
            let reader = TestMemoryReader(byteCount: 2 << 20, available: 1 << 20)
            return RegistryResponse(.ok, body: .object(reader, range: 0..<2 << 20))
        } whileRunning: { port, _ in
            try await withClient(of: port) { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try client.receiveHead()["content-length"] == "2097152")
                return try client.countToEnd()
            }
        }
        #expect(received <= 1 << 20)
    }

    /// `/file` returns the file, and every other path its own name.
    private func withFileServer(
        _ file: TestFile,
        _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        try await withServer { request in
            guard request.path == "/file" else {
                return RegistryResponse(.ok, body: .bytes(ByteBuffer(string: request.path)))
            }
            guard let reader = try? file.reader() else { return RegistryResponse(.internalServerError) }
            return RegistryResponse(.ok, body: .object(reader, range: 0..<Int64(file.byteCount)))
        } whileRunning: { port, _ in
            try await body(port)
        }
    }
}

extension TestFile {
    /// Whether no descriptor of the file is open, or soon will be.
    func isClosed() async -> Bool {
        // The server's tasks compete with those of all tests.
        let deadline = ContinuousClock.now + .seconds(60)
        while openDescriptorCount() > 0 {
            if ContinuousClock.now > deadline { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}
