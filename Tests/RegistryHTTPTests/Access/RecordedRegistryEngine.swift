import ImageModel
import SystemLibraries
import Testing

/// A Docker engine that repeats the v2 requests a real one sent to registry:2 behind a login, with its own layer.
struct RecordedRegistryEngine {
    let version: String
    let port: Int
    /// What the server is expected to ask for: a password, or its own token.
    let asksForToken: Bool

    /// The recorded user and password.
    static let login = "Basic bGFidXNlcjpzZWNyZXRwdw=="
    private static let recordedLayer = "0ccad8b15f6127675d05321d70858f2ab132cbb36062f40c6926558ab3c5658e"

    private let layer: [UInt8]

    init(version: String, port: Int, asksForToken: Bool) throws {
        self.version = version
        self.port = port
        self.asksForToken = asksForToken
        self.layer = try TestLayer.gzip(TestLayer.tar("file", [1, 2, 3]))
    }

    /// Repeats one command's requests, and checks every response.
    func run(_ command: String) async throws {
        var upload = ""
        var authorization = Self.login
        for recorded in try RecordedExchange.all("\(version)-v2-\(command)") {
            var headers = recorded.headers
            if headers["Authorization"] != nil { headers["Authorization"] = authorization }
            var target = replaced(recorded.target)
            if target.contains("/uploads/"), recorded.method != "POST" {
                let digest = target.split(separator: "&").last { $0.hasPrefix("digest=") }.map { "&\($0)" } ?? ""
                target = upload + (upload.contains("?") ? digest : digest.replacing("&", with: "?"))
            }
            let answer = try await exchange(
                recorded.method,
                target,
                headers: headers,
                body: body(of: recorded),
                port: port
            )
            #expect(answer.status == recorded.status, "\(recorded.method) \(target)")
            #expect(answer["docker-distribution-api-version"] == "registry/2.0")
            if answer.status == 401 {
                authorization = try await credentials(for: answer["www-authenticate"] ?? "", command)
            }
            if answer.status == 202 {
                upload = String(answer["location"]?.trimmingPrefix("http://registry.test:5000") ?? "")
            }
            if target.hasSuffix("/manifests/latest"), recorded.method == "GET" {
                #expect(answer.text == replaced(recorded.answer))
            }
            if target.contains("/manifests/") {
                #expect(answer["docker-content-digest"] == manifestDigest(of: recorded))
            }
        }
    }

    private func manifestDigest(of recorded: RecordedExchange) -> String {
        let text = recorded.method == "PUT" ? recorded.body : recorded.answer
        return Digest(.sha256, of: Array(replaced(text).utf8)).description
    }

    /// The engine's credentials after a challenge: its user and password, or a token that it gets with them.
    private func credentials(for challenge: String, _ command: String) async throws -> String {
        guard asksForToken else {
            #expect(challenge == "Basic realm=\"Harbour\"")
            return Self.login
        }
        #expect(
            challenge == "Bearer realm=\"http://registry.test:5000/v2/_token\",service=\"registry.test:5000\""
        )
        let actions = command.hasSuffix("push") ? "push,pull" : "pull"
        let scope = command.hasSuffix("login") ? "" : "&scope=repository%3Aauth1126%2Ftiny%3A\(actions)"
        let answer = try await exchange(
            "GET",
            "/v2/_token?account=labuser\(scope)&service=registry.test%3A5000",
            headers: ["Authorization": Self.login],
            port: port
        )
        #expect(answer.status == 200)
        return "Bearer \(try JSONValue(parsing: answer.body)["token"]?.string ?? "")"
    }

    private func body(of recorded: RecordedExchange) -> [UInt8] {
        if recorded.method == "PATCH", recorded.body.isEmpty { return layer }
        return Array(replaced(recorded.body).utf8)
    }

    /// A recorded text with the recorded layer replaced by ours.
    private func replaced(_ text: String) -> String {
        let digest = Digest(.sha256, of: layer)
        return text.replacing(Self.recordedLayer, with: digest.hex).replacing(
            "\"size\": 241,",
            with: "\"size\": \(layer.count),"
        )
    }
}
