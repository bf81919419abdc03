import RegistryCore
import Testing

@Suite("The era of a client")
struct ClientEraTests {
    @Test(
        "follows from the User-Agent",
        arguments: [
            ("docker/0.6.7 go/go1.1.2", ClientEra.dockerV1),
            ("docker/1.5.0 go/go1.4.1 git-commit/a8a31ef kernel/3.16.0 os/linux arch/amd64", .dockerV1),
            ("Go 1.1 package http", .dockerV1),
            ("docker/1.6.0-rc2 go/go1.4.2", .dockerSchema1),
            ("docker/1.9.1 go/go1.4.3 kernel/3.16.0 os/linux arch/amd64", .dockerSchema1),
            ("docker/1.10.0 go/go1.5.3", .dockerSchema2),
            ("docker/1.13.1 go/go1.7.5 UpstreamClient(Docker-Client/1.13.1 \\(linux\\))", .dockerSchema2),
            ("docker/17.05.0-ce go/go1.7.5", .dockerSchema2),
            ("docker/17.06.0-ce go/go1.8.3", .dockerLater),
            ("docker/28.3.2 go/go1.24.5 git-commit/e77ff99 kernel/6.8.0 os/linux arch/arm64", .dockerLater),
            ("docker/dev go/go1.4.2", .other),
            ("containers/5.36.0 (github.com/containers/image)", .podman),
            ("Buildah/1.28.2", .podman), ("libpod/4.3.1", .podman), ("podman/1.0.0", .podman),
            ("skopeo/1.9.3", .skopeo), ("containerd/1.6.20~ds1", .containerd), ("containerd/v1.7.0", .containerd),
            ("buildkit/v0.11", .containerd),
            ("curl/7.88.1", .curl), ("Go-http-client/1.1", .other), ("Mozilla/5.0 (X11; Linux x86_64)", .other),
            ("", .other), ("docker", .other),
        ]
    )
    func era(agent: String, era: ClientEra) { #expect(ClientEra(ClientAgent(agent)) == era, "\(agent)") }

    @Test("has a label and a title of its own")
    func names() {
        #expect(Set(ClientEra.allCases.map(\.rawValue)).count == 9)
        #expect(Set(ClientEra.allCases.map(\.title)).count == 9)
    }
}
