import RegistryHTTP
import Testing

/// The permission an endpoint needs.
enum EndpointNeed: Sendable {
    case nothing
    case login
    case actions([AccessAction], String)
    /// To read a v1 image that only this repository contains.
    case image(String)
    /// To push to any repository.
    case imagePush
    /// To list repositories or search: callers see what they may pull.
    case list

    /// The repository concerned.
    var repository: String? {
        switch self {
        case .actions(_, let name), .image(let name): name
        case .nothing, .login, .imagePush, .list: nil
        }
    }
}

/// An endpoint: what it needs, and its status for permitted callers.
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

extension Endpoint {
    private static let digest = "sha256:\(String(repeating: "0", count: 64))"
    private static let upload = "01234567-89ab-cdef-0123-456789abcdef"

    /// Every v2 endpoint, for one repository.
    static func v2(_ name: String, _ world: AccessWorld) -> [Endpoint] {
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
            Endpoint("OPTIONS", "\(path)/manifests/modern", .nothing, 204),
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

    /// Every v1 endpoint, for one repository and its image. Deletes are sent to a repository that does not exist.
    static func v1(_ name: String, _ world: AccessWorld) -> [Endpoint] {
        let id = world.images[name]?.id ?? ""
        let pull = EndpointNeed.actions([.pull], name)
        let push = EndpointNeed.actions([.push], name)
        let delete = EndpointNeed.actions([.delete], name)
        let path = "/v1/repositories/\(name)"
        let gone = "/v1/repositories/\(name)-gone"
        let goneDelete = EndpointNeed.actions([.delete], "\(name)-gone")
        return [
            Endpoint("PUT", "\(path)/", push, 200, body: "[]"),
            Endpoint("DELETE", "\(gone)/", goneDelete, 404),
            Endpoint("GET", "\(path)/images", pull, 200),
            Endpoint("PUT", "\(path)/images", push, 204, body: "[]"),
            Endpoint("DELETE", "\(path)/images", delete, 204),
            Endpoint("PUT", "\(path)/auth", push, 200, body: "{}"),
            Endpoint("GET", "\(path)/tags", pull, 200),
            Endpoint("DELETE", "\(gone)/tags", goneDelete, 404),
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

    static let common = [
        Endpoint("GET", "/v2/", .login, 200),
        Endpoint("GET", "/v2/_nothing", .nothing, 404),
        Endpoint("GET", "/v2/_catalog", .list, 200),
        Endpoint("GET", "/v1/search?q=", .list, 200),
        Endpoint("GET", "/v1/_ping", .nothing, 200),
        Endpoint("GET", "/_ping", .nothing, 200),
        Endpoint("GET", "/", .nothing, 200),
        Endpoint("HEAD", "/", .nothing, 200),
        Endpoint("OPTIONS", "/v2/", .nothing, 204),
        Endpoint("OPTIONS", "/v1/users/", .nothing, 204),
        Endpoint("OPTIONS", "/v1/repositories/team/app/tags", .nothing, 204),
        Endpoint("OPTIONS", "/v1/images/\(TestImage.id("abc1"))/json", .nothing, 204),
        Endpoint("OPTIONS", "/nothing", .nothing, 204),
        Endpoint("GET", "/v1/users", .nothing, 301),
        Endpoint("GET", "/v1/users/", .login, 200),
        Endpoint("POST", "/v1/users/", .login, 201, body: "{}"),
        Endpoint("PUT", "/v1/users/amy/", .login, 204, body: "{}"),
        Endpoint("GET", "/v1/nothing", .nothing, 404),
        Endpoint("PUT", "/v1/images/\(TestImage.id("beef"))/json", .imagePush, 400, body: "{}"),
        Endpoint("PUT", "/v1/images/\(TestImage.id("beef"))/layer", .imagePush, 404),
        Endpoint("PUT", "/v1/images/\(TestImage.id("beef"))/checksum", .imagePush, 412),
    ]

    /// Every endpoint, for both repositories.
    static func all(_ world: AccessWorld) -> [Endpoint] {
        common + ["public/app", "team/app"].flatMap { v2($0, world) + v1($0, world) }
    }

    /// Whether it belongs to v2.
    var isV2: Bool { target.hasPrefix("/v2/") }
}
