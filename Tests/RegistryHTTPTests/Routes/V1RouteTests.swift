import RegistryCore
import RegistryHTTP
import Testing

@Suite("V1 routes")
struct V1RouteTests {
    private static let centos = V1RepositoryName(namespace: "library", repository: "centos")
    private static let nested = V1RepositoryName(namespace: "a", repository: "b/c")

    @Test(
        "recognizes every path of the protocol",
        arguments: [
            ("/", V1Route.root),
            ("/_ping", .ping),
            ("/v1/_ping", .ping),
            ("/v1/users/", .users),
            ("/v1/users/joe/", .user(name: "joe")),
            ("/v1/search", .search),
            ("/v1/repositories/centos/", .repository(centos)),
            ("/v1/repositories/library/centos/", .repository(centos)),
            ("/v1/repositories/centos/images", .repositoryImages(centos)),
            ("/v1/repositories/centos/auth", .repositoryAuth(centos)),
            ("/v1/repositories/centos/tags", .repositoryTags(centos)),
            ("/v1/repositories/centos/tags/6", .tag(centos, tag: "6")),
            ("/v1/repositories/centos/tags/6/json", .tagJSON(centos, tag: "6")),
            ("/v1/repositories/centos/json", .repositoryJSON(centos)),
            ("/v1/repositories/centos/properties", .repositoryProperties(centos)),
            ("/v1/repositories/a/b/c/tags", .repositoryTags(nested)),
            ("/v1/repositories/a/b%2Fc/tags/t", .tag(nested, tag: "t")),
            ("/v1/images/0f/json", .imageJSON(id: "0f")),
            ("/v1/images/0f/layer", .imageLayer(id: "0f")),
            ("/v1/images/0f/checksum", .imageChecksum(id: "0f")),
            ("/v1/images/0f/ancestry", .imageAncestry(id: "0f")),
            ("/v1/images/0f/files", .imageFiles(id: "0f")),
            ("/v1/images/0f/diff", .imageDiff(id: "0f")),
            ("/v1/images/%2e%2e/json", .imageJSON(id: "..")),
        ]
    )
    func routes(path: String, route: V1Route) { #expect(V1Route(path: path) == route) }

    @Test(
        "parses repositories whose names are words of the protocol",
        arguments: [
            ("/v1/repositories/tags/tags", V1Route.repositoryTags(.init(namespace: "library", repository: "tags"))),
            ("/v1/repositories/tags/images", .repositoryImages(.init(namespace: "library", repository: "tags"))),
            ("/v1/repositories/a/tags/images", .tag(.init(namespace: "library", repository: "a"), tag: "images")),
            ("/v1/repositories/a/tags/json", .tag(.init(namespace: "library", repository: "a"), tag: "json")),
            ("/v1/repositories/a/tags/b/tags/c/json", .tagJSON(.init(namespace: "a", repository: "tags/b"), tag: "c")),
            ("/v1/repositories/a/images/json", .repositoryJSON(.init(namespace: "a", repository: "images"))),
            ("/v1/repositories/a/b/tags//json", .repositoryJSON(.init(namespace: "a", repository: "b/tags"))),
            ("/v1/repositories/a/b//", .repository(.init(namespace: "a", repository: "b"))),
            ("/v1/repositories/a/tags/", .repository(.init(namespace: "a", repository: "tags"))),
        ]
    )
    func awkwardNames(path: String, route: V1Route) { #expect(V1Route(path: path) == route) }

    @Test(
        "redirects a path without its trailing slash",
        arguments: [
            "/v1/users", "/v1/users/joe", "/v1/repositories/centos", "/v1/repositories/a/b", "/v1/repositories/tags",
            "/v1/repositories/centos/tags/6/x", "/v1/repositories/a%20b/c",
        ]
    )
    func redirects(path: String) { #expect(V1Route(path: path) == .redirectToSlash(path + "/")) }

    @Test(
        "recognizes no other path",
        arguments: [
            "", "/v1", "/v1/", "/v2/", "//v1//_ping", "/v1/_ping/", "/v1/_status", "/v1/search/", "/v1/users//",
            "/v1/users/a/b", "/v1/images", "/v1/images/0f", "/v1/images/0f/", "/v1/images/0f/layer/",
            "/v1/images//json",
            "/v1/images/0f/size", "/v1/images/..%2f../json", "/v1/private_images/0f/json", "/v1/repositories",
            "/v1/repositories/", "/v1/repositories//x/tags",
        ]
    )
    func unknownPaths(path: String) { #expect(V1Route(path: path) == nil) }

    @Test("agrees with every recorded response of docker-registry 0.9.1", arguments: try RecordedRequest.all())
    func recordedRequests(request: RecordedRequest) {
        let route = V1Route(path: request.path)
        switch route {
        case nil:
            #expect(request.isUnrouted)
        case .redirectToSlash(let path):
            #expect(request.status == 301 && request.location == path)
        case _ where request.status == 301:
            // The route does not support the method.
            #expect(request.location == V1Route.slashForm(of: request.path))
            #expect(request.method != "GET")
        default:
            #expect(!request.isUnrouted)
        }
    }
}
