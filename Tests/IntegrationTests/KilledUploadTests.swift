import Foundation
import Testing

extension Integration {
    @Suite("uploads to a server that is killed") struct KilledUploadTests {
        private static let rounds = Requirement.isFull ? 50 : 5
        private static let byteCount = 4 << 20
        private static let firstCount = 1 << 20
        /// The most bytes that a server buffers before it writes them.
        private static let writeCount = 640 << 10

        @Test(
            "a chunk cut at any byte, by kill -9 of the server, continues from where it stopped",
            .needs("curl")
        )
        func rounds() async throws {
            try await withTemporaryDirectory { directory in
                var generator = SystemRandomNumberGenerator()
                let bytes = Data((0..<Self.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
                let digest = try await sha256(of: "cat '\(directory.write(bytes, to: "whole"))'")
                try directory.write(bytes.prefix(Self.firstCount), to: "first")
                var partialCount = 0
                for _ in 0..<Self.rounds {
                    let cut = Int.random(in: (2 * Self.firstCount)..<Self.byteCount, using: &generator)
                    // The last bytes sent may not be written yet: do not wait for them.
                    let limit = Int.random(in: Self.firstCount..<(cut - Self.writeCount), using: &generator)
                    let kept = try await round(directory, digest, bytes, cut: cut, killedAt: limit)
                    if kept > Self.firstCount { partialCount += 1 }
                }
                // The chunk was cut in the middle, and the part that had arrived was kept.
                #expect(partialCount > Self.rounds / 2)
            }
        }

        /// Sends a chunk up to `cut`, kills the server when it has received that much, and continues with another one.
        ///
        /// - Returns: The size of the upload after the restart.
        private func round(
            _ directory: TemporaryDirectory,
            _ digest: String,
            _ bytes: Data,
            cut: Int,
            killedAt limit: Int
        ) async throws -> Int {
            let root = directory.path("registry-\(UUID().uuidString)")
            let killed = try await LongshoreProcess(serving: root)
            defer { killed.running.discard() }
            let begun = try await Curl.request(killed.url("/v2/a/b/blobs/uploads/"), ["-X", "POST"])
            let path = try #require(begun.headers["location"].flatMap { URL(string: $0)?.path() })
            let first = try await Curl.request(killed.url(path), Self.chunk(directory.path("first")))
            #expect(first.status == 202)
            let rest = """
                exec 3<>/dev/tcp/127.0.0.1/\(killed.port)
                printf 'PATCH \(path) HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: \(bytes.count - Self.firstCount)\\r\\n\\r\\n' >&3
                head -c \(cut) '\(directory.path("whole"))' | tail -c +\(Self.firstCount + 1) >&3
                cat <&3
                """
            let client = try RunningProgram(Program("bash"), ["-c", rest])
            defer { client.discard() }
            let id = try #require(path.split(separator: "/").last)
            let file = "\(root)/docker/registry/v2/repositories/a/b/_uploads/\(id)/data"
            try await client.waitUntil {
                let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
                return size.map { $0 >= limit } ?? false
            }
            try await killed.running.kill()

            let kept = try await withLongshore(serving: root) { server in
                let status = try await Curl.request(server.url(path))
                #expect(status.status == 204)
                let last = try #require(status.headers["range"].flatMap { Int($0.dropFirst(2)) })
                // What was acknowledged exists, and nothing that was not sent.
                #expect(last + 1 >= Self.firstCount)
                #expect(last < cut)
                try directory.write(bytes.dropFirst(last + 1), to: "rest")
                let range = ["-H", "Content-Range: \(last + 1)-\(bytes.count - 1)"]
                let patched = try await Curl.request(server.url(path), Self.chunk(directory.path("rest")) + range)
                #expect(patched.status == 202, "\(patched.text)")
                let finished = try await Curl.request(server.url(path) + "?digest=\(digest)", ["-X", "PUT"])
                #expect(finished.status == 201, "\(finished.text)")
                #expect(try await sha256(of: "curl -sf '\(server.url("/v2/a/b/blobs/\(digest)"))'") == digest)
                return last + 1
            }
            #expect(try await halfMade(in: root) == [])
            return kept
        }

        private static func chunk(_ file: String) -> [String] {
            ["-H", "Content-Type: application/octet-stream", "-H", "Expect:", "-X", "PATCH", "-T", file]
        }
    }
}
