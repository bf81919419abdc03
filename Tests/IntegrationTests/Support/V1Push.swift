import Foundation

/// A push of one image like Docker 1.5's, made with curl.
struct V1Push {
    private let name: String
    private let server: LongshoreProcess
    private let user: [String]

    /// - Parameter user: The curl options for a login.
    init(_ name: String, to server: LongshoreProcess, user: [String] = []) {
        self.name = name
        self.server = server
        self.user = user
    }

    /// Pushes it as `latest`.
    func run() async throws {
        try await withTemporaryDirectory { directory in
            try directory.write(Data("hello".utf8), to: "hello")
            _ = try await Program("tar").run(["-cf", directory.path("layer"), "-C", directory.path, "hello"])
                .succeeded()
            try await run(layer: directory.path("layer"))
        }
    }

    /// Pushes it as `latest` with the layer in a file, and returns its id.
    @discardableResult
    func run(layer: String) async throws -> String {
        try await withTemporaryDirectory { directory in
            let id = String(try await sha256(of: "printf '%s' '\(name)'").dropFirst(7))
            let json =
                "{\"id\":\"\(id)\",\"created\":\"2015-01-01T00:00:00Z\",\"docker_version\":\"1.5.0\","
                + "\"config\":{},\"architecture\":\"amd64\",\"os\":\"linux\"}"
            let image = try directory.write(Data(json.utf8), to: "json")
            let list = try directory.write(Data("[{\"id\":\"\(id)\"}]".utf8), to: "list")
            let tag = try directory.write(Data("\"\(id)\"".utf8), to: "tag")
            let checksum = try await sha256(of: "(cat '\(image)'; echo; cat '\(layer)')")
            try await put("repositories/\(name)/", list)
            try await put("images/\(id)/json", image)
            try await put("images/\(id)/layer", layer)
            try await put("images/\(id)/checksum", "/dev/null", ["-H", "X-Docker-Checksum-Payload: \(checksum)"])
            try await put("repositories/\(name)/tags/latest", tag)
            try await put("repositories/\(name)/images", list)
            return id
        }
    }

    private func put(_ path: String, _ file: String, _ options: [String] = []) async throws {
        let body = ["-X", "PUT", "--data-binary", "@\(file)", "-H", "User-Agent: docker/1.5.0 go/go1.4.1"]
        let answer = try await Curl.request(server.url("/v1/\(path)"), body + options + user)
        guard (200...204).contains(answer.status) else {
            throw ProgramFailure(status: Int32(answer.status), text: "PUT \(path)", errorText: answer.text)
        }
    }
}
