import HTTPTypes
import NIOCore
import RegistryHTTP
import Testing

@Suite("Request bodies")
struct RequestBodyTests {
    /// Echoes the body of a PUT, and responds to everything else without reading.
    @Sendable private static func echo(_ request: RegistryRequest) async -> RegistryResponse {
        guard request.method == .put else { return RegistryResponse(.unauthorized) }
        do {
            return RegistryResponse(.ok, body: .bytes(try await request.body.withDocument(upTo: 1 << 20) { $0 }))
        } catch is BodyTooLarge {
            return RegistryResponse(.contentTooLarge)
        } catch {
            return RegistryResponse(.badRequest)
        }
    }

    @Test(
        "arrive complete, with a length or in chunks",
        arguments: [
            "Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        ]
    )
    func arrives(rest: String) async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                for _ in 0..<3 {
                    let answer = try client.exchange("PUT /x HTTP/1.1\r\nHost: x\r\n\(rest)")
                    #expect(answer.status == 200 && answer.text == "hello")
                }
            }
        }
    }

    @Test("of a client that expects 100 are requested when read")
    func expectation() async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                try client.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                #expect(try client.receiveHead().status == 100)
                let answer = try client.exchange("hi")
                #expect(answer.status == 200 && answer.text == "hi")
                #expect(answer["connection"] == nil)
                #expect(try client.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 401)
            }
        }
    }

    @Test("that are refused despite an expected 100 end the connection, with the refusal alone")
    func refusedExpectation() async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                let answer = try client.exchange(
                    "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\nExpect: 100-continue\r\n\r\n"
                )
                #expect(answer.status == 401)
                #expect(answer["connection"] == "close")
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test("of HTTP/1.0 clients are never requested with 100")
    func oldExpectation() async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                let answer = try client.exchange(
                    "PUT /x HTTP/1.0\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi"
                )
                #expect(answer.status == 200 && answer.text == "hi")
            }
        }
    }

    @Test(
        "over the limit are refused, announced or not",
        arguments: ["Content-Length: 3000000", "Transfer-Encoding: chunked"]
    )
    func tooLarge(framing: String) async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                try client.send("PUT /x HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
                let chunk = [UInt8](repeating: 0x61, count: 100_000)
                for _ in 0..<30 {
                    if framing.hasPrefix("Transfer") { try client.send("186a0\r\n") }
                    try client.send(chunk)
                    if framing.hasPrefix("Transfer") { try client.send("\r\n") }
                }
                #expect(try client.receiveAnswer().status == 413)
            }
        }
    }

    @Test("that are large and refused early still get a response, although the client sends everything")
    func refusedUpload() async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                try client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n")
                for _ in 0..<200 { try client.send([UInt8](repeating: 0x61, count: 100_000)) }
                let answer = try client.receiveAnswer()
                #expect(answer.status == 401)
                #expect(answer["connection"] == "close")
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test(
        "that are small and unread do not cost the connection",
        arguments: ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
    )
    func unread(rest: String) async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                for _ in 0..<3 {
                    let answer = try client.exchange("POST /x HTTP/1.1\r\nHost: x\r\n\(rest)")
                    #expect(answer.status == 401 && answer["connection"] == nil)
                }
            }
        }
    }

    @Test("that are chunked and unread end the connection once they are long")
    func unreadChunks() async throws {
        try await withServer(answering: Self.echo) { port, _ in
            try await withClient(of: port) { client in
                try client.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in 0..<20 {
                    try client.send(Array("186a0\r\n".utf8) + [UInt8](repeating: 0x61, count: 100_000) + [13, 10])
                }
                #expect(try client.receiveAnswer().status == 401)
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test("cut off by the client are an error for the reader, not the end of the body")
    func lostConnection() async throws {
        let (outcomes, outcome) = AsyncStream.makeStream(of: (received: Int, failed: Bool).self)
        let read: @Sendable (RegistryRequest) async -> RegistryResponse = { request in
            var received = 0
            do {
                for try await buffer in request.body { received += buffer.readableBytes }
                outcome.yield((received, false))
            } catch {
                outcome.yield((received, true))
            }
            return RegistryResponse(.ok)
        }
        try await withServer(answering: read) { port, _ in
            try await withClient(of: port) { client in
                try client.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
                client.hangUp()
            }
            var iterator = outcomes.makeAsyncIterator()
            let seen = await iterator.next()
            #expect(seen?.failed == true)
            #expect(seen?.received == 5)
        }
    }

    @Test("in memory are read like arriving ones")
    func memory() async throws {
        let body = RequestBody(ByteBuffer(string: "hel"), ByteBuffer(string: "lo"))
        #expect(body.declaredByteCount == 5)
        #expect(try await body.withDocument(upTo: 5) { $0 } == ByteBuffer(string: "hello"))
        await #expect(throws: BodyTooLarge(limit: 4)) { try await body.withDocument(upTo: 4) { $0 } }
    }
}
