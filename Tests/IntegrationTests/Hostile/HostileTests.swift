import Foundation
import Glibc
import TestSupport
import Testing

extension Integration {
    @Suite("hostile clients", .needs("curl")) struct HostileTests {
        private static let secret = "what is outside of the directory"
        private static let login = ["-u", "ci:ci pass"]

        @Test(
            "each of 1,000 hostile requests gets a response or a close and leaves nothing behind, with and without users",
            arguments: [false, true]
        )
        func requests(hasUsers: Bool) async throws {
            try await withTarget(hasUsers: hasUsers) { server, blob in
                var table = HostileRequests(seed: 7, blob: blob)
                let requests = table.next(1000)
                func judgeAll() throws {
                    for request in requests {
                        let connection = try #require(RawConnection(port: server.port))
                        judge(connection.exchange(request.pieces), of: request, hasUsers: hasUsers)
                    }
                }
                // The second time, nothing is new.
                try judgeAll()
                let before = try Footprint(of: server)
                try judgeAll()
                try await server.running.waitUntil {
                    try Footprint(of: server).descriptorCount <= before.descriptorCount
                }
                let growth = try Footprint(of: server).byteCount - before.byteCount
                #expect(growth < 16 << 20, "\(growth) bytes more")
                #expect(try server.logCount("request failed") == 0)
                #expect(try await Curl.request(server.url("/v2/a/blobs/\(blob)"), Self.login).text == "blob")
            }
        }

        @Test("a TLS port is just as safe, for requests inside TLS and outside: a response or a close")
        func encrypted() async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let text = certificate.configuration(root: directory.path("registry"))
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    var table = HostileRequests(seed: 11, blob: "sha256:\(String(repeating: "a", count: 64))")
                    let inside = try EncryptedConnection()
                    for request in table.next(400) {
                        let (outcome, bytes) = try await inside.exchange(request.pieces, port: server.port)
                        // The registry is empty here, so statuses about existing content do not apply.
                        let anyOutcome = HostileRequest(request.description, pieces: request.pieces)
                        judge((outcome, bytes), of: anyOutcome, hasUsers: false)
                    }
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

        @Test("idle clients do not keep others from being served, and leave nothing behind")
        func idleConnections() async throws {
            let count = Requirement.isFull ? 10_000 : 2_000
            // The server inherits the limit, and accepts two thirds as many connections.
            try #require(Descriptors.raiseLimit(to: count / 2 * 3 + 1000), "too few files may be open at once")
            try await withTarget { server, blob in
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

        @Test("bodies that arrive byte by byte do not keep others from being served")
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
                for connection in slow { #expect(connection.exchange([]).outcome != .silence) }
            }
        }

        private func judge(
            _ result: (outcome: RawConnection.Outcome, bytes: [UInt8]),
            of request: HostileRequest,
            hasUsers: Bool
        ) {
            let text = String(decoding: result.bytes, as: UTF8.self)
            switch result.outcome {
            case .closed: #expect(request.statuses == nil, "closed: \(request)")
            case .silence: Issue.record("neither an answer nor a close: \(request)")
            case .answered(let status, let count):
                #expect(status < 500 || status == 501 || status == 505, "\(status): \(request)")
                let isRefused = hasUsers && status == 401
                #expect(isRefused || request.statuses?.contains(status) ?? true, "\(status): \(request)")
                #expect(count == 1, "\(count) answers: \(request)")
                if hasUsers { #expect(!text.hasSuffix("\r\n\r\nblob"), "leaked: \(request)") }
            }
            #expect(!text.contains(Self.secret), "leaked: \(request)")
        }

        /// Runs the server with a blob in the repository `a`, and a file next to its directory that must stay private.
        ///
        /// - Parameter hasUsers: Whether there is one user, and nobody else may do anything.
        private func withTarget(
            hasUsers: Bool = false,
            _ body: (_ server: LongshoreProcess, _ blob: String) async throws -> Void
        ) async throws {
            try await withTemporaryDirectory { directory in
                for path in ["secret", "docker/registry/v2/repositories/secret/_manifests"] {
                    try directory.makeDirectory(path)
                    for name in ["json", "layer", "data", "latest", "link"] {
                        try directory.write(Data(Self.secret.utf8), to: "\(path)/\(name)")
                    }
                }
                var options: [String] = []
                if hasUsers {
                    let users = try directory.write(Data(), to: "users")
                    _ = try await Program.longshore.run([
                        "htpasswd", "add", users, "ci", "--cost", "4", "-b", "ci pass",
                    ])
                    .succeeded()
                    options = ["--htpasswd", users, "--access", "ci *"]
                }
                try await withLongshore(serving: directory.path("registry"), options: options) { server in
                    let blob = try await sha256(of: "printf blob")
                    let url = server.url("/v2/a/blobs/uploads/?digest=\(blob)")
                    #expect(try await Curl.request(url, ["-X", "POST", "-d", "blob"] + Self.login).status == 201)
                    try await body(server, blob)
                }
            }
        }
    }
}

/// The resources used by a process.
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

/// The limit on open files and connections of this process.
private enum Descriptors {
    /// Raises the limit, and returns whether `count` are allowed.
    static func raiseLimit(to count: Int) -> Bool {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return false }
        limit.rlim_max = max(limit.rlim_max, rlim_t(count))
        limit.rlim_cur = limit.rlim_max
        return setrlimit(resource, &limit) == 0
    }
}
