import Foundation
import Testing

extension Integration {
    @Suite("uploads") struct UploadTests {
        private static let byteCount = Requirement.isFull ? 2 << 30 : 256 << 20
        private static let memoryLimit = 100 << 20

        @Test(
            "a layer of gigabytes is pushed and pulled, in little memory",
            .needs("curl", "openssl"),
            arguments: ["PUT", "PATCH"]
        )
        func largeLayer(method: String) async throws {
            try await withTemporaryDirectory { directory in
                let layer = directory.path("layer")
                let stream = "openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 -in /dev/zero 2>/dev/null"
                let fill = "\(stream) | head -c \(Self.byteCount) > '\(layer)'"
                _ = try await Program("bash").run(["-c", fill]).succeeded()
                let size = try FileManager.default.attributesOfItem(atPath: layer)[.size] as? Int
                #expect(size == Self.byteCount)
                let digest = try await sha256(of: "cat '\(layer)'")
                try await withLongshore(serving: directory.path("registry")) { server in
                    let upload = try await begin(server)
                    let pushed =
                        method == "PUT"
                        ? try await Curl.request(upload.adding("digest=\(digest)"), Self.octets + ["-T", layer])
                        : try await patch(upload, layer, digest, server)
                    #expect(pushed.status == 201, "\(pushed.text)")
                    #expect(pushed.headers["docker-content-digest"] == digest)
                    let blob = server.url("/v2/big/layer/blobs/\(digest)")
                    #expect(try await sha256(of: "curl -sf '\(blob)'") == digest)
                    #expect(try server.running.peakMemory < Self.memoryLimit)
                }
                #expect(try blobs(in: directory.path("registry")).keys.sorted() == [digest])
            }
        }

        @Test("an upload continues after the server was killed", .needs("curl"))
        func resume() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                let half = 3_000_001
                let bytes = Data((0..<(2 * half)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
                let digest = try await sha256(of: "cat '\(directory.write(bytes, to: "whole"))'")
                try directory.write(bytes.prefix(half), to: "first")
                try directory.write(bytes.suffix(half), to: "second")

                let killed = try await LongshoreProcess(serving: root)
                defer { killed.running.discard() }
                let upload = try await begin(killed)
                let first = try await Curl.request(upload.url, Self.chunk(directory.path("first")))
                #expect(first.status == 202)
                #expect(first.headers["range"] == "0-\(half - 1)")
                try await killed.running.kill()

                try await withLongshore(serving: root) { server in
                    let resumed = Upload(url: server.url(upload.path))
                    let status = try await Curl.request(resumed.url)
                    #expect(status.status == 204)
                    #expect(status.headers["range"] == "0-\(half - 1)")
                    let early = server.url("/v2/big/layer/blobs/\(digest)")
                    #expect(try await Curl.request(early).status == 404)
                    let second = try await Curl.request(resumed.url, Self.chunk(directory.path("second")))
                    #expect(second.status == 202)
                    let finished = Upload(url: server.url(try #require(second.headers["location"]).path))
                    let last = try await Curl.request(finished.adding("digest=\(digest)"), ["-X", "PUT"])
                    #expect(last.status == 201, "\(last.text)")
                    #expect(try await sha256(of: "curl -sf '\(early)'") == digest)
                }
            }
        }

        @Test("bytes that do not match the digest do not become a blob", .needs("curl"))
        func wrongDigest() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                let file = try directory.write(Data("not what was promised".utf8), to: "bytes")
                let digest = "sha256:" + String(repeating: "0", count: 64)
                try await withLongshore(serving: root) { server in
                    let upload = try await begin(server)
                    let answer = try await Curl.request(upload.adding("digest=\(digest)"), Self.octets + ["-T", file])
                    #expect(answer.status == 400)
                    #expect(answer.text.contains("DIGEST_INVALID"))
                    #expect(try await Curl.request(server.url("/v2/big/layer/blobs/\(digest)")).status == 404)
                }
                #expect(try blobs(in: root).isEmpty)
            }
        }

        @Test(
            "a full disk refuses an upload, which succeeds when there is space",
            .needs("curl"),
            .needsRoot,
            .needsMounts
        )
        func fullDisk() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let file = try directory.write(Data(repeating: 7, count: 4 << 20), to: "bytes")
                let digest = try await sha256(of: "cat '\(file)'")
                try await Mount.memory(kilobytes: 1024, at: root) {
                    try await withLongshore(serving: root) { server in
                        let put = Self.octets + ["-T", file]
                        let refused = try await Curl.request(try await begin(server).adding("digest=\(digest)"), put)
                        #expect(refused.status >= 500, "\(refused.text)")
                        #expect(try await Curl.request(server.url("/v2/big/layer/blobs/\(digest)")).status == 404)
                        _ = try await Program("mount").run(["-o", "remount,size=16m", root]).succeeded()
                        let taken = try await Curl.request(try await begin(server).adding("digest=\(digest)"), put)
                        #expect(taken.status == 201, "\(taken.text)")
                    }
                    #expect(try await halfMade(in: root) == [])
                }
            }
        }

        /// The state of an upload to continue.
        private struct Upload {
            let url: String

            var path: String { url.path }

            func adding(_ query: String) -> String { url + (url.contains("?") ? "&" : "?") + query }
        }

        private static let octets = ["-H", "Content-Type: application/octet-stream", "-H", "Expect:"]

        private static func chunk(_ file: String) -> [String] { octets + ["-X", "PATCH", "-T", file] }

        private func begin(_ server: LongshoreProcess) async throws -> Upload {
            let answer = try await Curl.request(server.url("/v2/big/layer/blobs/uploads/"), ["-X", "POST"])
            #expect(answer.status == 202)
            return Upload(url: server.url(try #require(answer.headers["location"]).path))
        }

        private func patch(_ upload: Upload, _ layer: String, _ digest: String, _ server: LongshoreProcess) async throws
            -> Curl.Answer
        {
            let chunk = try await Curl.request(upload.url, Self.chunk(layer))
            #expect(chunk.status == 202)
            let next = Upload(url: server.url(try #require(chunk.headers["location"]).path))
            return try await Curl.request(next.adding("digest=\(digest)"), ["-X", "PUT"])
        }
    }
}

extension String {
    /// The part of a URL after the host, or the whole if there is no host.
    fileprivate var path: String {
        guard let scheme = range(of: "://"), let slash = self[scheme.upperBound...].firstIndex(of: "/") else {
            return self
        }
        return String(self[slash...])
    }
}
