import RegistryHTTP
import Testing

@Suite("V2 routes")
struct V2RouteTests {
    @Test(
        "reads a path from its end, whatever the repository is called",
        arguments: [
            ("/v2/", V2Route.base),
            ("/v2", .base),
            ("/v2/_catalog", .catalog), ("/v2/_catalog/", .catalog),
            ("/v2/centos/tags/list", .tags(repository: "centos")),
            ("/v2/library/tags/tags/list", .tags(repository: "library/tags")),
            ("/v2/x/manifests/tags/list", .tags(repository: "x/manifests")),
            ("/v2/x/blobs/tags/list", .tags(repository: "x/blobs")),
            ("/v2/tags/tags/list", .tags(repository: "tags")),
            ("/v2/centos/manifests/6", .manifest(repository: "centos", reference: "6")),
            ("/v2/a/blobs/b/manifests/latest", .manifest(repository: "a/blobs/b", reference: "latest")),
            ("/v2/a/tags/list/manifests/latest", .manifest(repository: "a/tags/list", reference: "latest")),
            ("/v2/a/blobs/uploads/manifests/latest", .manifest(repository: "a/blobs/uploads", reference: "latest")),
            ("/v2/manifests/manifests/manifests", .manifest(repository: "manifests", reference: "manifests")),
            ("/v2/x/manifests/y/manifests/z", .manifest(repository: "x/manifests/y", reference: "z")),
            ("/v2/a/manifests/sha256:00", .manifest(repository: "a", reference: "sha256:00")),
            ("/v2/a/manifests/sha256%3A00", .manifest(repository: "a", reference: "sha256:00")),
            ("/v2/a/blobs/sha256:00", .blob(repository: "a", digest: "sha256:00")),
            ("/v2/a/blobs/uploads/blobs/sha256:00", .blob(repository: "a/blobs/uploads", digest: "sha256:00")),
            ("/v2/_catalog/blobs/sha256:00", .blob(repository: "_catalog", digest: "sha256:00")),
            ("/v2/a/blobs/uploads/", .uploads(repository: "a")),
            ("/v2/a/blobs/uploads", .uploads(repository: "a")),
            ("/v2/blobs/blobs/uploads/", .uploads(repository: "blobs")),
            ("/v2/a/blobs/uploads/blobs/uploads/", .uploads(repository: "a/blobs/uploads")),
            ("/v2/a/blobs/uploads/1f-2e", .upload(repository: "a", id: "1f-2e")),
            ("/v2/a/blobs/uploads/manifests", .upload(repository: "a", id: "manifests")),
            ("/v2/a/b/c/referrers/sha256:00", .referrers(repository: "a/b/c", digest: "sha256:00")),
            ("/v2/a/referrers/b/referrers/sha256:00", .referrers(repository: "a/referrers/b", digest: "sha256:00")),
            ("/v2/%61/manifests/%6catest", .manifest(repository: "a", reference: "latest")),
        ]
    )
    func routes(path: String, route: V2Route) { #expect(V2Route(path: path) == route) }

    @Test(
        "passes on invalid repository names, to be refused with a reason",
        arguments: [
            ("/v2/A/manifests/latest", V2Route.manifest(repository: "A", reference: "latest")),
            ("/v2/a//b/manifests/latest", .manifest(repository: "a//b", reference: "latest")),
            ("/v2//manifests/latest", .manifest(repository: "", reference: "latest")),
            ("/v2/../x/tags/list", .tags(repository: "../x")),
            ("/v2/a/manifests/a:b", .manifest(repository: "a", reference: "a:b")),
            ("/v2/a%25b/manifests/latest", .manifest(repository: "a%b", reference: "latest")),
            ("/v2/a%zz/manifests/%", .manifest(repository: "a%zz", reference: "%")),
        ]
    )
    func illegalNames(path: String, route: V2Route) { #expect(V2Route(path: path) == route) }

    @Test(
        "does not treat an encoded slash as a separator",
        arguments: [
            ("/v2/a%2Fb/manifests/latest", V2Route.manifest(repository: "a%2Fb", reference: "latest")),
            ("/v2/a/manifests/x%2fy", .manifest(repository: "a", reference: "x%2fy")),
            ("/v2/a/blobs%2Fuploads/manifests/x", .manifest(repository: "a/blobs%2Fuploads", reference: "x")),
        ]
    )
    func encodedSlashes(path: String, route: V2Route) { #expect(V2Route(path: path) == route) }

    @Test(
        "recognizes no other path",
        arguments: [
            "", "/", "v2/", "/v1/_ping", "/v2//", "/v3/", "/v2/centos", "/v2/centos/", "/v2/tags/list",
            "/v2/manifests/latest", "/v2/blobs/sha256:00", "/v2/blobs/uploads/", "/v2/referrers/sha256:00",
            "/v2/a/manifests/", "/v2/a/manifests", "/v2/a/blobs/", "/v2/a/tags", "/v2/a/tags/", "/v2/a/tags/list/",
            "/v2/a/blobs/uploads/1f/", "/v2/a/referrers/", "/V2/",
        ]
    )
    func unknownPaths(path: String) { #expect(V2Route(path: path) == nil) }
}
