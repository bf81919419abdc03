/// The kind of client that sent a request, as far as its `User-Agent` shows.
///
/// The raw value is short and never changes: metrics use it as a label.
package enum ClientEra: String, CaseIterable, Codable, Sendable {
    /// Docker 0.x to 1.5, which works with v1 only.
    case dockerV1 = "docker-0.x-1.5"
    /// Docker 1.6 to 1.9, which accepts only schema1 manifests from v2, and falls back to v1.
    case dockerSchema1 = "docker-1.6-1.9"
    /// Docker 1.10 to 17.05, which accepts schema2, and can be configured to use v1.
    case dockerSchema2 = "docker-1.10-17.05"
    /// Docker 17.06 and later.
    case dockerLater = "docker-17.06+"
    /// Podman, Buildah, and other programs that use the same library under its own name.
    case podman = "podman"
    /// skopeo.
    case skopeo = "skopeo"
    /// containerd, also when Kubernetes or nerdctl uses it.
    case containerd = "containerd"
    /// curl.
    case curl = "curl"
    /// Anything else, and clients without a `User-Agent`.
    case other = "other"

    /// Classifies a client.
    package init(_ agent: ClientAgent) {
        if agent.isEarlyProbe {
            self = .dockerV1
        } else if agent.names("docker") {
            self = agent.docker.map(Self.init) ?? .other
        } else {
            let named = Self.programs.first { agent.names($0.name) }
            self = named?.era ?? .other
        }
    }

    /// The era of a Docker release.
    package init(_ release: DockerRelease) {
        if release <= .lastWithoutUsableV2 {
            self = .dockerV1
        } else if release <= .lastBeforeSchema2 {
            self = .dockerSchema1
        } else {
            self = release <= DockerRelease(major: 17, minor: 5) ? .dockerSchema2 : .dockerLater
        }
    }

    /// The name to show to people.
    package var title: String {
        switch self {
        case .dockerV1: "Docker 0.x to 1.5"
        case .dockerSchema1: "Docker 1.6 to 1.9"
        case .dockerSchema2: "Docker 1.10 to 17.05"
        case .dockerLater: "Docker 17.06 or later"
        case .podman: "Podman or Buildah"
        case .skopeo: "skopeo"
        case .containerd: "containerd"
        case .curl: "curl"
        case .other: "other"
        }
    }

    /// The products that programs name themselves, in lower case. Podman and its relatives give the name of their
    /// library, `containers`, unless they set their own.
    private static let programs: [(name: String, era: ClientEra)] = [
        ("skopeo", .skopeo), ("podman", .podman), ("libpod", .podman), ("buildah", .podman), ("containers", .podman),
        ("cri-o", .podman), ("containerd", .containerd), ("buildkit", .containerd), ("nerdctl", .containerd),
        ("curl", .curl),
    ]
}
