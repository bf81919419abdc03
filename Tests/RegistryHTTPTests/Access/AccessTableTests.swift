import RegistryHTTP
import Testing

/// What an endpoint needs.
enum EndpointNeed: Sendable {
    case nothing
    case login
    case actions([AccessAction], String)
    /// To read a v1 image that this repository alone holds.
    case image(String)
    /// To push to any repository.
    case imagePush
}

/// One endpoint of one protocol: what it needs, and its status for those who may.
struct Endpoint: Sendable, CustomTestStringConvertible {
    let method: String
    let target: String
    let need: EndpointNeed
    let status: Int
    var body = ""

    var testDescription: String { "\(method) \(target)" }

    init(_ method: String, _ target: String, _ need: EndpointNeed, _ status: Int, body: String = "") {
        self.method = method
        self.target = target
        self.need = need
        self.status = status
        self.body = body
    }
}

@Suite("Who may do what")
struct AccessTableTests {
    private static let digest = "sha256:\(String(repeating: "0", count: 64))"
    private static let upload = "01234567-89ab-cdef-0123-456789abcdef"

    /// Every endpoint of v2, of one repository.
    private static func v2(_ name: String, _ world: AccessWorld) -> [Endpoint] {
        let manifest = world.manifests[name] ?? ""
        let layer = world.layers[name] ?? ""
        let pull = EndpointNeed.actions([.pull], name)
        let push = EndpointNeed.actions([.pull, .push], name)
        let delete = EndpointNeed.actions([.delete], name)
        let path = "/v2/\(name)"
        return [
            Endpoint("GET", "\(path)/tags/list", pull, 200),
            Endpoint("HEAD", "\(path)/tags/list", pull, 200),
            Endpoint("GET", "\(path)/manifests/modern", pull, 200),
            Endpoint("GET", "\(path)/manifests/old", pull, 200),
            Endpoint("HEAD", "\(path)/manifests/\(manifest)", pull, 200),
            Endpoint("GET", "\(path)/manifests/\(manifest)", pull, 200),
            Endpoint("GET", "\(path)/manifests/none", pull, 404),
            Endpoint("PUT", "\(path)/manifests/new", push, 400, body: "{}"),
            Endpoint("DELETE", "\(path)/manifests/none", delete, 404),
            Endpoint("DELETE", "\(path)/manifests/\(digest)", delete, 404),
            Endpoint("OPTIONS", "\(path)/manifests/modern", pull, 405),
            Endpoint("GET", "\(path)/blobs/\(layer)", pull, 200),
            Endpoint("HEAD", "\(path)/blobs/\(layer)", pull, 200),
            Endpoint("GET", "\(path)/blobs/\(digest)", pull, 404),
            Endpoint("DELETE", "\(path)/blobs/\(digest)", delete, 404),
            Endpoint("PUT", "\(path)/blobs/\(digest)", push, 405),
            Endpoint("POST", "\(path)/blobs/uploads/", push, 202),
            Endpoint("GET", "\(path)/blobs/uploads/\(upload)", push, 404),
            Endpoint("PATCH", "\(path)/blobs/uploads/\(upload)", push, 404),
            Endpoint("PUT", "\(path)/blobs/uploads/\(upload)?digest=\(digest)", push, 404),
            Endpoint("DELETE", "\(path)/blobs/uploads/\(upload)", push, 404),
            Endpoint("GET", "\(path)/referrers/\(digest)", pull, 200),
        ]
    }

    /// Every endpoint of v1, of one repository and its image. What deletes is asked of a repository that is not there.
    private static func v1(_ name: String, _ world: AccessWorld) -> [Endpoint] {
        let id = world.images[name]?.id ?? ""
        let pull = EndpointNeed.actions([.pull], name)
        let push = EndpointNeed.actions([.push], name)
        let delete = EndpointNeed.actions([.delete], name)
        let path = "/v1/repositories/\(name)"
        let gone = "/v1/repositories/\(name)-gone"
        return [
            Endpoint("PUT", "\(path)/", push, 200, body: "[]"),
            Endpoint("DELETE", "\(gone)/", delete, 404),
            Endpoint("GET", "\(path)/images", pull, 200),
            Endpoint("PUT", "\(path)/images", push, 204, body: "[]"),
            Endpoint("DELETE", "\(path)/images", delete, 204),
            Endpoint("PUT", "\(path)/auth", push, 200, body: "{}"),
            Endpoint("GET", "\(path)/tags", pull, 200),
            Endpoint("DELETE", "\(gone)/tags", delete, 404),
            Endpoint("GET", "\(path)/tags/old", pull, 200),
            Endpoint("GET", "\(path)/tags/none", pull, 404),
            Endpoint("PUT", "\(path)/tags/new", push, 404, body: "\"\(TestImage.id("dead"))\""),
            Endpoint("DELETE", "\(path)/tags/none", delete, 404),
            Endpoint("GET", "\(path)/tags/old/json", pull, 200),
            Endpoint("GET", "\(path)/json", pull, 200),
            Endpoint("GET", "\(path)/properties", pull, 200),
            Endpoint("PUT", "\(path)/properties", push, 200, body: "{\"access\": \"public\"}"),
            Endpoint("GET", "\(path)/nothing-else", .nothing, 301),
            Endpoint("GET", "/v1/images/\(id)/json", .image(name), 200),
            Endpoint("HEAD", "/v1/images/\(id)/json", .image(name), 200),
            Endpoint("GET", "/v1/images/\(id)/layer", .image(name), 200),
            Endpoint("GET", "/v1/images/\(id)/ancestry", .image(name), 200),
            Endpoint("GET", "/v1/images/\(id)/files", .image(name), 200),
            Endpoint("GET", "/v1/images/\(id)/diff", .image(name), 400),
        ]
    }

    private static let common = [
        Endpoint("GET", "/v2/", .login, 200),
        Endpoint("GET", "/v2/_nothing", .nothing, 404),
        Endpoint("GET", "/v1/_ping", .nothing, 200),
        Endpoint("GET", "/_ping", .nothing, 200),
        Endpoint("GET", "/", .nothing, 200),
        Endpoint("GET", "/v1/users", .nothing, 301),
        Endpoint("GET", "/v1/users/", .login, 200),
        Endpoint("POST", "/v1/users/", .login, 201, body: "{}"),
        Endpoint("PUT", "/v1/users/amy/", .login, 204, body: "{}"),
        Endpoint("GET", "/v1/nothing", .nothing, 404),
        Endpoint("PUT", "/v1/images/\(TestImage.id("beef"))/json", .imagePush, 400, body: "{}"),
        Endpoint("PUT", "/v1/images/\(TestImage.id("beef"))/layer", .imagePush, 404),
        Endpoint("PUT", "/v1/images/\(TestImage.id("beef"))/checksum", .imagePush, 412),
    ]

    @Test("is what the rules say, at every endpoint of both protocols", arguments: AccessWorld.Person.allCases)
    func table(person: AccessWorld.Person) async throws {
        try await withAccessWorld { world in
            let client = AccessClient(port: world.port, person: person)
            let rows =
                Self.common
                + ["public/app", "team/app"].flatMap { Self.v2($0, world) + Self.v1($0, world) }
            for row in rows {
                let answer = try await client.send(row.method, row.target, body: Array(row.body.utf8))
                #expect(answer.status == Self.status(of: row, for: person), "\(person) \(row.method) \(row.target)")
                if answer.status == 401 { Self.expectChallenge(answer, row, person) }
                if row.target.hasPrefix("/v2/"), answer.status != 200 {
                    Self.expectNoLeak(answer, row, world)
                }
            }
        }
    }

    private static func status(of row: Endpoint, for person: AccessWorld.Person) -> Int {
        let isOpen: Bool
        var refusal = person.isUser ? 403 : 401
        switch row.need {
        case .nothing: return row.status
        case .login: isOpen = person.isUser
        case .actions(let actions, let name): isOpen = actions.allSatisfy { person.may($0, name) }
        case .image(let name):
            isOpen = person.may(.pull, name)
            // To whoever may see some image, one that they may not see is not there.
            if person.isWelcome { refusal = 404 }
        case .imagePush: isOpen = person == .ci || person == .boss
        }
        return isOpen ? row.status : refusal
    }

    private static func expectChallenge(_ answer: TestAnswer, _ row: Endpoint, _ person: AccessWorld.Person) {
        let challenge = answer["www-authenticate"] ?? ""
        if row.target.hasPrefix("/v2/") {
            #expect(answer["docker-distribution-api-version"] == "registry/2.0")
            #expect(challenge.hasPrefix("Bearer realm=") || challenge == "Basic realm=\"Harbour\"")
            if case .actions(let actions, let name) = row.need, person.isWelcome {
                let scope = "repository:\(name):\(actions.map(\.rawValue).joined(separator: ","))"
                #expect(challenge.contains("scope=\"\(scope)\""), "\(challenge)")
            }
            #expect(row.method == "HEAD" || answer.text.hasPrefix("{\"errors\":[{\"code\":\"UNAUTHORIZED\""))
        } else {
            #expect(challenge == "Basic realm=\"Harbour\"")
            #expect(row.method == "HEAD" || answer.text == "{\"error\": \"Requires authorization\"}")
        }
    }

    /// A refusal repeats what was asked, and tells nothing else.
    private static func expectNoLeak(_ answer: TestAnswer, _ row: Endpoint, _ world: AccessWorld) {
        for digest in world.manifests.values.map({ $0 }) + Array(world.layers.values) where !row.target.contains(digest)
        {
            #expect(!answer.text.contains(digest) && !answer.headers.contains { $0.value.contains(digest) })
        }
    }

    static let lists: [(AccessWorld.Person, [String])] = [
        (.nobody, ["public/app"]), (.emptyUser, ["public/app"]), (.eve, ["public/app"]),
        (.amy, ["public/app", "team/app"]), (.ci, ["public/app", "team/app"]), (.boss, ["public/app", "team/app"]),
    ]

    @Test("is what lists and searches show, page by page", arguments: lists)
    func listings(person: AccessWorld.Person, names: [String]) async throws {
        try await withAccessWorld { world in
            let client = AccessClient(port: world.port, person: person)
            let quoted = names.map { "\"\($0)\"" }
            let catalogue = try await client.send("GET", "/v2/_catalog")
            #expect(catalogue.text == "{\"repositories\":[\(quoted.joined(separator: ","))]}")
            let page = try await client.send("GET", "/v2/_catalog?n=1")
            #expect(page.text == "{\"repositories\":[\(quoted[0])]}")
            #expect((page["link"] != nil) == (names.count > 1))
            let found = try await client.send("GET", "/v1/search?q=app")
            #expect(found.text.contains("\"num_results\": \(names.count),"))
            #expect(found.text.contains("team/app") == names.contains("team/app"))
            let secret = try await client.send("GET", "/v1/search?q=team/app")
            #expect(secret.text.contains("\"num_results\": \(names.count - 1),"))
        }
    }

    @Test(
        "is a refusal for wrong credentials, also where none are needed",
        arguments: [
            "/v2/_catalog", "/v1/search?q=app", "/v2/public/app/tags/list", "/v1/repositories/public/app/tags",
        ]
    )
    func wrongCredentials(target: String) async throws {
        try await withAccessWorld { world in
            for person in [AccessWorld.Person.wrongPassword, .unknownUser] {
                let answer = try await AccessClient(port: world.port, person: person).send("GET", target)
                #expect(answer.status == 401)
                #expect(!answer.text.contains("app\"") || !target.contains("catalog"))
            }
        }
    }
}
