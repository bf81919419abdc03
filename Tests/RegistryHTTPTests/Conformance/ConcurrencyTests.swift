import Foundation
import ImageModel
import RegistryHTTP
import SystemLibraries
import Testing

/// Simultaneous requests of several clients for the same thing.
@Suite struct ConcurrencyTests {
    @Test("two pushes of one blob both succeed, and the blob is intact")
    func sameBlob() async throws {
        try await ConformanceTarget.withRepository { client in
            let content = TestFile.bytes(0..<300_000)
            let digest = Digest(.sha256, of: content)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let client = client.repository("\(client.repository)\(number % 2)")
                        return try await client.finish(try await client.begin(), digest, content).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 201, count: 8))
            for number in 0..<2 {
                let answer = try await client.repository("\(client.repository)\(number)").send("GET", "blobs/\(digest)")
                #expect(answer.body == content)
            }
        }
    }

    @Test("of two pushes of one tag one wins, and both manifests are kept")
    func sameTag() async throws {
        try await ConformanceTarget.withRepository { client in
            var images: [TestManifest] = []
            for number in 0..<6 { images.append(try await client.image("image \(number)")) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for image in images {
                    group.addTask {
                        let answer = try await client.push(image, as: "latest")
                        #expect(answer.status == 201)
                    }
                }
                try await group.waitForAll()
            }
            let winner = try await client.send("GET", "manifests/latest")
            #expect(images.contains { $0.bytes == winner.body })
            for image in images {
                #expect(try await client.send("GET", "manifests/\(image.digest)").body == image.bytes)
            }
        }
    }

    @Test(
        "of two requests that write to one upload one is refused, and the upload continues",
        .enabled(if: ConformanceTarget.isOwn, "the bytes on the connection are the test's own")
    )
    func sameUpload() async throws {
        try await ConformanceTarget.withRepository { client in
            let content = TestFile.bytes(0..<1000)
            // The second may already be in progress when the first arrives: then the first is refused, and both are
            // retried.
            for _ in 0..<20 {
                let location = try await client.begin()
                let statuses = try await race(content, to: RegistryClient.path(of: location), client.port)
                guard statuses.first == 202 else { continue }
                #expect(statuses.second == 416)
                #expect(try await client.finish(location, Digest(.sha256, of: content)).status == 201)
                return
            }
            Issue.record("the first request was never let in")
        }
    }

    /// Sends half of a chunk, then requests for the same upload until one is refused, then the other half.
    private func race(_ content: [UInt8], to path: String, _ port: Int) async throws -> (first: Int, second: Int) {
        try await withClient(of: port) { connection in
            let head = "PATCH \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(content.count)\r\n\r\n"
            try connection.send(Array(head.utf8) + content[0..<500])
            // The first is in progress once the server has read some of it; until then the second is accepted.
            var status = 0
            for _ in 0..<200 where status != 416 {
                let other = try TestClient(port: port)
                try other.send("PATCH \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                status = try other.receiveAnswer().status
            }
            try connection.send(Array(content[500...]))
            return (try connection.receiveAnswer().status, status)
        }
    }

    @Test(
        "a blob deleted during a pull arrives complete",
        .enabled(if: ConformanceTarget.isOwn, "the bytes on the connection are the test's own")
    )
    func deleteDuringPull() async throws {
        try await ConformanceTarget.withRepository { client in
            let content = TestFile.bytes(0..<(24 << 20))
            let digest = try await client.push(blob: content)
            let path = "/v2/\(client.repository)/blobs/\(digest)"
            let (started, startedSignal) = AsyncStream.makeStream(of: Void.self)
            let deleted = Flag()
            async let pulled: [UInt8] = withClient(of: client.port, receiveBufferByteCount: 4096) { connection in
                try connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receiveHead()
                startedSignal.finish()
                deleted.wait()
                return try connection.receive(exactly: 24 << 20)
            }
            for await _ in started {}
            #expect(try await client.send("DELETE", absolute: path).status == 202)
            #expect(try await client.send("HEAD", absolute: path).status == 404)
            deleted.raise()
            #expect(try await pulled == content)
        }
    }

    @Test(
        "pushes of a manifest and deletes of its digest leave no dangling tag",
        .enabled(if: ConformanceTarget.isOwn, "the specification's development version has pushes of several tags")
    )
    func pushAndDeleteDigest() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("image", tag: "first")
            let tags = (0..<8).map { "&tag=\($0)" }.joined()
            for _ in 0..<25 {
                async let pushed = client.push(image, as: "latest", query: "?tag=also\(tags)")
                async let deleted = client.send("DELETE", "manifests/\(image.digest)")
                #expect(try await pushed.status == 201)
                #expect(try await [202, 404].contains(deleted.status))
                for tag in try await client.send("GET", "tags/list").strings("tags") {
                    #expect(try await client.send("GET", "manifests/\(tag)").body == image.bytes, "\(tag)")
                }
            }
        }
    }

    @Test(
        "pushes and deletes of one tag leave it intact or gone",
        .enabled(if: ConformanceTarget.isOwn, "a registry may delete by digest alone")
    )
    func pushAndDelete() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("image", tag: "latest")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        if number.isMultiple(of: 2) {
                            #expect(try await client.push(image, as: "latest").status == 201)
                        } else {
                            let answer = try await client.send("DELETE", "manifests/latest")
                            #expect([202, 404].contains(answer.status))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let answer = try await client.send("GET", "manifests/latest")
            let listed = try await client.send("GET", "tags/list").strings("tags")
            #expect(answer.status == 200 ? answer.body == image.bytes && listed == ["latest"] : listed.isEmpty)
        }
    }
}

/// An event that a thread can wait for.
private final class Flag: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func raise() { semaphore.signal() }

    /// Returns after the event, or after ten seconds.
    func wait() { _ = semaphore.wait(timeout: .now() + 10) }
}
