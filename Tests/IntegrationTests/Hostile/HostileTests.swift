import Foundation
import Glibc
import TestSupport
import Testing

extension Integration {
    @Suite("hostile clients", .needs("curl")) struct HostileTests {
        private static let secret = "what is outside of the directory"

        @Test("each of 1,000 hostile requests gets an answer or a close, and leaves nothing behind")
        func requests() async throws {
            try await withTarget { server, blob in
                var table = HostileRequests(seed: 7, blob: blob)
                let requests = table.next(1000)
                // The second time nothing is new any more.
                try judge(requests, server)
                let before = try Footprint(of: server)
                try judge(requests, server)
                try await server.running.waitUntil {
                    try Footprint(of: server).descriptorCount <= before.descriptorCount
                }
                let growth = try Footprint(of: server).byteCount - before.byteCount
                #expect(growth < 16 << 20, "\(growth) bytes more")
                #expect(try server.logCount("request failed") == 0)
                #expect(try await Curl.request(server.url("/v2/a/blobs/\(blob)")).text == "blob")
            }
        }

        @Test("a port of TLS is no worse: an answer or a close")
        func encrypted() async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                    http:
                      \(certificate.section())
                    """
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    var table = HostileRequests(seed: 11, blob: "sha256:\(String(repeating: "a", count: 64))")
                    for request in table.next(400) {
                        let connection = try #require(RawConnection(port: server.port))
                        let outcome = connection.exchange(request.pieces).outcome
                        if case .answered(let status, _) = outcome {
                            #expect((400...499).contains(status), "\(request)")
                        }
                        #expect(outcome != .silence, "\(request)")
                    }
                    let answer = try await Curl.request("https://\(server.host)/v2/", certificate.trusted)
                    #expect(answer.status == 200)
                }
            }
        }

        @Test("whoever is idle keeps nobody else from being served, and leaves nothing behind")
        func idleConnections() async throws {
            try await withTarget { server, blob in
                let limit = Descriptors.raiseLimit()
                let count = min(Requirement.isFull ? 10_000 : 2_000, limit / 4)
                let before = try Footprint(of: server)
                var idle: [RawConnection] = []
                for _ in 0..<count {
                    guard let connection = RawConnection(port: server.port) else { break }
                    idle.append(connection)
                }
                #expect(idle.count == count)
                try await server.running.waitUntil {
                    try Footprint(of: server).descriptorCount >= before.descriptorCount + count
                }
                #expect(try await Curl.request(server.url("/v2/a/blobs/\(blob)")).text == "blob")
                let perConnection = try (Footprint(of: server).byteCount - before.byteCount) / count
                #expect(perConnection < 64 << 10, "\(perConnection) bytes for each")
                idle = []
                try await server.running.waitUntil {
                    try Footprint(of: server).descriptorCount <= before.descriptorCount + 2
                }
                #expect(try await Curl.request(server.url("/v2/a/blobs/\(blob)")).text == "blob")
            }
        }

        @Test("bodies that come byte by byte keep nobody else from being served")
        func slowBodies() async throws {
            try await withTarget { server, blob in
                let head = "PUT /v2/a/manifests/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
                let slow = (0..<200).compactMap { _ in RawConnection(port: server.port) }
                #expect(slow.count == 200)
                for connection in slow { #expect(connection.sendAll(Array(head.utf8))) }
                for byte in "slow" {
                    for connection in slow { #expect(connection.sendAll(Array(String(byte).utf8))) }
                    let answer = try await Curl.request(server.url("/v2/a/blobs/\(blob)"))
                    #expect(answer.text == "blob")
                }
            }
        }

        private func judge(_ requests: [HostileRequest], _ server: LongshoreProcess) throws {
            for request in requests {
                let connection = try #require(RawConnection(port: server.port))
                let (outcome, bytes) = connection.exchange(request.pieces)
                switch outcome {
                case .closed: #expect(request.statuses == nil, "closed: \(request)")
                case .silence: Issue.record("neither an answer nor a close: \(request)")
                case .answered(let status, let count):
                    #expect(status < 500 || status == 501 || status == 505, "\(status): \(request)")
                    #expect(request.statuses?.contains(status) ?? true, "\(status): \(request)")
                    #expect(count == 1, "\(count) answers: \(request)")
                }
                #expect(!String(decoding: bytes, as: UTF8.self).contains(Self.secret), "leaked: \(request)")
            }
        }

        /// Runs the server with a blob in the repository `a`, and a file beside its directory that nobody may see.
        private func withTarget(_ body: (_ server: LongshoreProcess, _ blob: String) async throws -> Void) async throws
        {
            try await withTemporaryDirectory { directory in
                for path in ["secret", "docker/registry/v2/repositories/secret/_manifests"] {
                    try directory.makeDirectory(path)
                    for name in ["json", "layer", "data", "latest", "link"] {
                        try directory.write(Data(Self.secret.utf8), to: "\(path)/\(name)")
                    }
                }
                try await withLongshore(serving: directory.path("registry")) { server in
                    let blob = try await sha256(of: "printf blob")
                    let url = server.url("/v2/a/blobs/uploads/?digest=\(blob)")
                    #expect(try await Curl.request(url, ["-X", "POST", "-d", "blob"]).status == 201)
                    try await body(server, blob)
                }
            }
        }
    }
}

/// What a process has of the machine.
private struct Footprint {
    let byteCount: Int
    let descriptorCount: Int

    init(of server: LongshoreProcess) throws {
        let process = "/proc/\(server.running.processID)"
        let status = try String(contentsOfFile: "\(process)/status", encoding: .utf8)
        let kilobytes = status.firstMatch(of: #/VmRSS:\s+(\d+)/#).flatMap { Int($0.1) }
        byteCount = try #require(kilobytes) * 1024
        descriptorCount = try FileManager.default.contentsOfDirectory(atPath: "\(process)/fd").count
    }
}

/// How many files and connections this process may have.
private enum Descriptors {
    /// Raises the limit as far as it goes, and answers it.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        return setrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_max) : 1024
    }
}
