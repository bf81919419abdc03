import RegistryCore
import Testing

@Suite struct ClientEraTests {
    @Test(
        "a client's era follows from its User-Agent",
        arguments: [
            ("docker/0.9.1 go/go1.2.1 kernel/3.13 os/linux arch/amd64", ClientEra.dockerV1),
            ("docker/1.5.0 go/go1.4.1 git-commit/a8a31ef kernel/3.16.0 os/linux arch/amd64", .dockerV1),
            ("Go 1.1 package http", .dockerV1),
            ("docker/1.6.0 go/go1.4.2 kernel/3.16.0 os/linux arch/amd64", .dockerSchema1),
            ("docker/1.9.1 go/go1.4.3", .dockerSchema1),
            ("docker/1.10.3 go/go1.5.3", .dockerWithFallback),
            ("docker/17.05.0-ce go/go1.7.5", .dockerWithFallback),
            ("docker/17.06.0-ce go/go1.8.3 UpstreamClient(Docker-Client/17.06.0-ce \\(linux\\))", .dockerV2),
            ("docker/20.10.24+dfsg1 go/go1.19.8", .dockerV2),
            ("skopeo/1.9.3", .skopeo),
            ("libpod/4.3.1", .podman),
            ("containers/5.24.1 (github.com/containers/image)", .podman),
            ("Buildah/1.28.2", .podman),
            ("containerd/1.6.20", .containerd),
            ("buildkit/v0.11", .containerd),
            ("curl/7.88.1", .curl),
            ("python-requests/2.28", .other),
            (nil, .other),
        ] as [(String?, ClientEra)]
    )
    func eras(agent: String?, era: ClientEra) { #expect(ClientEra(ClientAgent(agent)) == era) }
}
