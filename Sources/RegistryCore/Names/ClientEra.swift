/// The generations of clients that use a registry, told apart by their `User-Agent`.
package enum ClientEra: String, CaseIterable, Sendable, Codable {
    /// Docker up to 1.5, which speaks v1 alone.
    case dockerV1 = "docker_0.x-1.5"
    /// Docker 1.6 to 1.9, which speaks v2 with schema1 manifests alone.
    case dockerSchema1 = "docker_1.6-1.9"
    /// Docker 1.10 to 17.05, which speaks v2, and v1 where v2 fails.
    case dockerWithFallback = "docker_1.10-17.05"
    /// Docker since 17.06, which speaks no v1.
    case dockerV2 = "docker_17.06+"
    /// Podman, and whatever else uses its library.
    case podman
    /// Skopeo.
    case skopeo
    /// containerd and BuildKit.
    case containerd
    /// curl.
    case curl
    /// All others, and clients that do not say what they are.
    case other

    /// The last Docker that can be told to speak v1.
    private static let lastWithV1 = DockerRelease(major: 17, minor: 5)

    /// The era of a client.
    package init(_ agent: ClientAgent) {
        if let docker = agent.docker {
            self =
                docker <= .lastWithoutUsableV2
                ? .dockerV1
                : docker <= .lastBeforeSchema2
                    ? .dockerSchema1 : docker <= Self.lastWithV1 ? .dockerWithFallback : .dockerV2
            return
        }
        if agent.isEarlyProbe {
            self = .dockerV1
            return
        }
        switch agent.firstProduct?.lowercased() {
        case "skopeo": self = .skopeo
        case "libpod", "podman", "buildah", "containers", "cri-o": self = .podman
        case "containerd", "buildkit", "nerdctl": self = .containerd
        case "curl": self = .curl
        default: self = .other
        }
    }
}
