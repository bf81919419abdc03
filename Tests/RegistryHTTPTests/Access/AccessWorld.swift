import Foundation
import ImageModel
import RegistryHTTP
import Synchronization
import SystemLibraries
import Testing

/// A server with users, rules, and a repository of each kind, which both protocols have pushed to.
struct AccessWorld: Sendable {
    /// A client's identity.
    enum Person: String, Sendable, CaseIterable {
        /// No credentials.
        case nobody
        /// No credentials, in old engines' form.
        case emptyUser
        case wrongPassword
        case unknownUser
        /// Logged in, and named by no rule.
        case eve
        /// May pull `team/*`.
        case amy
        /// May push to `team/*`.
        case ci
        /// May do everything.
        case boss

        /// Whether the credentials are valid or absent.
        var isWelcome: Bool { self != .wrongPassword && self != .unknownUser }
        /// Whether the user is known.
        var isUser: Bool { [.eve, .amy, .ci, .boss].contains(self) }

        /// Whether the rules allow an action on a repository.
        func may(_ action: AccessAction, _ repository: String) -> Bool {
            switch (self, repository.hasPrefix("public/")) {
            case (.wrongPassword, _), (.unknownUser, _): false
            case (.boss, _): true
            case (_, true): action == .pull
            case (.ci, false): action != .delete
            case (.amy, false): action == .pull
            default: false
            }
        }

        fileprivate var authorization: String? {
            switch self {
            case .nobody: nil
            case .emptyUser: basic("", "")
            case .wrongPassword: basic("boss", "wrong")
            case .unknownUser: basic("mallory", "boss-password")
            case .eve, .amy, .ci, .boss: basic(rawValue, "\(rawValue)-password")
            }
        }

        private func basic(_ user: String, _ password: String) -> String {
            "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))"
        }
    }

    static let rules = [
        "anonymous pull public/*", "amy pull team/*", "ci pull,push team/*", "boss *",
    ]

    let port: Int
    /// The digests of the manifest pushed to each repository through v2, and of its layer.
    let manifests: [String: String]
    let layers: [String: String]
    /// The v1 image in each repository.
    let images: [String: TestImage]
    /// The secrets of each repository: its name, its tags' image ids, and every digest.
    let secrets: [String: [String]]

    static func settings(users path: String, rules: [String] = rules) throws -> AccessSettings {
        var settings = AccessSettings()
        settings.authentication = .htpasswd(HtpasswdSettings(realm: "Harbour", path: path))
        settings.rules = AccessRules(try rules.map { try AccessRule(parsing: $0) })
        return settings
    }

    /// An htpasswd file with cheap hashes.
    static func users() throws -> String {
        try Person.allCases.filter(\.isUser).map { person in
            "\(person.rawValue):\(try PasswordHash.bcrypt("\(person.rawValue)-password", cost: 4).text)\n"
        }.joined()
    }

    /// Fills both repositories.
    init(port: Int) async throws {
        self.port = port
        var manifests: [String: String] = [:]
        var layers: [String: String] = [:]
        var images: [String: TestImage] = [:]
        var secrets: [String: [String]] = [:]
        for (index, name) in ["public/app", "team/app"].enumerated() {
            let client = AccessClient(port: port, person: .boss)
            let layer = try TestLayer.gzip(TestLayer.tar("v2", Array(name.utf8)))
            let digest = try await client.push(blob: layer, into: name)
            layers[name] = digest
            manifests[name] = try await client.push(manifestOf: layer, into: name, tag: "modern")
            let image = TestImage(
                TestImage.id("abc\(index)"),
                comment: name,
                layer: try TestLayer.gzip(TestLayer.tar("v1", Array(name.utf8)))
            )
            try await client.push(image, to: name, tag: "old")
            images[name] = image
            let tags = try JSONValue(parsing: try await client.send("GET", "/v1/repositories/\(name)/tags").body)
            let derived = try await client.send("GET", "/v2/\(name)/manifests/old")
            secrets[name] =
                [name, digest, manifests[name] ?? "", image.checksum, derived["docker-content-digest"] ?? ""]
                + [Digest(.sha256, of: image.layer).hex] + (tags.object ?? []).compactMap { $0.value.string }
        }
        self.manifests = manifests
        self.layers = layers
        self.images = images
        self.secrets = secrets
    }

    /// Expects that a response reveals nothing of repositories that the caller may not read.
    func expectNoLeak(_ answer: TestAnswer, _ row: Endpoint, isReadable: (String) -> Bool) {
        for (name, secrets) in secrets {
            if row.need.repository == name, answer.status == row.status { continue }
            if case .list = row.need, isReadable(name) { continue }
            for secret in secrets where !row.target.contains(secret) {
                #expect(!answer.text.contains(secret), "\(row.testDescription) tells \(secret)")
                #expect(
                    !answer.headers.contains { $0.value.contains(secret) },
                    "\(row.testDescription) tells \(secret)"
                )
            }
        }
    }
}

/// One person's client. Its address changes each time, so that it is not slowed by others' failures.
struct AccessClient: Sendable {
    let port: Int
    let person: AccessWorld.Person
    /// The header to send instead of user and password.
    var authorization: String?

    private static let count = Mutex(0)

    func send(
        _ method: String,
        _ target: String,
        headers: [String: String] = [:],
        body: [UInt8] = []
    ) async throws -> TestAnswer {
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        var fields = headers
        fields["X-Forwarded-For"] = "198.51.\(number / 250).\(number % 250)"
        fields["Authorization"] = authorization ?? person.authorization
        fields["User-Agent"] = headers["User-Agent"] ?? "curl/8.0"
        return try await exchange(method, target, headers: fields, body: body, port: port)
    }

    func push(blob: [UInt8], into name: String) async throws -> String {
        let digest = Digest(.sha256, of: blob).description
        let answer = try await send("POST", "/v2/\(name)/blobs/uploads/?digest=\(digest)", body: blob)
        guard answer.status == 201 else { throw UnexpectedAnswer(answer) }
        return digest
    }

    func push(manifestOf layer: [UInt8], into name: String, tag: String) async throws -> String {
        let configuration = Array("{\"architecture\":\"amd64\",\"os\":\"linux\",\"name\":\"\(name)\"}".utf8)
        let configurationDigest = try await push(blob: configuration, into: name)
        let manifest = """
            {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":"\(MediaType.dockerConfiguration)",\
            "size":\(configuration.count),"digest":"\(configurationDigest)"},"layers":[{"mediaType":\
            "\(MediaType.dockerLayerGzip)","size":\(layer.count),"digest":"\(Digest(.sha256, of: layer))"}]}
            """
        let headers = ["Content-Type": MediaType.schema2.description]
        let answer = try await send("PUT", "/v2/\(name)/manifests/\(tag)", headers: headers, body: Array(manifest.utf8))
        guard answer.status == 201, let digest = answer["docker-content-digest"] else { throw UnexpectedAnswer(answer) }
        return digest
    }

    /// Pushes an image and a tag through v1, and throws the first response that is not 200.
    func push(_ image: TestImage, to name: String, tag: String) async throws {
        let path = "/v1/images/\(image.id)"
        for answer in [
            try await send("PUT", "\(path)/json", body: image.json),
            try await send("PUT", "\(path)/layer", body: image.layer),
            try await send("PUT", "\(path)/checksum", headers: ["X-Docker-Checksum-Payload": image.checksum]),
            try await send("PUT", "/v1/repositories/\(name)/tags/\(tag)", body: Array("\"\(image.id)\"".utf8)),
        ] where answer.status != 200 {
            throw UnexpectedAnswer(answer)
        }
    }
}

/// Runs the real server with the users and rules of ``AccessWorld``.
func withAccessWorld(
    rules: [String] = AccessWorld.rules,
    deletes: Bool = true,
    _ body: @Sendable (AccessWorld) async throws -> Void
) async throws {
    let tree = try ScratchTree()
    let users = try ScratchTree()
    try users.write(try AccessWorld.users(), to: "users")
    var settings = ServiceSettings()
    settings.allowsDeletes = deletes
    settings.v1Deletes.isAllowed = deletes
    let access = try AccessWorld.settings(users: "\(users.path)/users", rules: rules)
    try await withRegistry(over: tree.open(), settings: settings, access: access) { port, _ in
        try await body(try await AccessWorld(port: port))
    }
}
