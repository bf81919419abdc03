import HTTPTypes
import RegistryClient
import RegistryCore
import RegistryHTTP

extension FuzzTarget {
    /// A header's value, parsed as each header that is read: credentials, `Forwarded`, entity tags, agents, challenges.
    static let headers = FuzzTarget(waiting: "headers") { input in
        let value = FuzzInput.text(input)
        _ = ClientAgent(value).docker
        let challenge = Challenge(parsing: value)
        try require(challenge.scheme == challenge.scheme.lowercased(), "a scheme is in lower case")
        let world = try await FuzzWorld()
        for name in ["Authorization", "User-Agent", "Accept", "Host"] + names {
            guard let field = HTTPField.Name(name) else { continue }
            _ = try await world.response(.get, "/v2/\(FuzzWorld.repository)/manifests/latest", headers: [field: value])
        }
        for name in ["Forwarded", "X-Forwarded-Proto", "X-Forwarded-Host", "Host"] {
            guard let field = HTTPField.Name(name) else { continue }
            let response = try await world.response(
                .post,
                "/v2/\(FuzzWorld.repository)/blobs/uploads/",
                headers: [field: value]
            )
            try require(response.headers[.location]?.contains("/blobs/uploads/") == true, "an upload has a location")
        }
        for name in ["X-Docker-Token", "X-Docker-Checksum", "X-Docker-Checksum-Payload"] {
            guard let field = HTTPField.Name(name) else { continue }
            _ = try await world.response(
                .put,
                "/v1/images/\(String(repeating: "a", count: 64))/checksum",
                headers: [field: value]
            )
        }
    }

    /// Conditional headers.
    private static let names = ["If-None-Match", "If-Match", "If-Range"]
}
