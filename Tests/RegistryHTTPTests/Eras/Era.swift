import Testing

/// The four kinds of clients in history.
enum Era: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Docker 0.6 to 1.5.
    case v1
    /// Docker 1.6 to 1.9.
    case schema1
    /// Docker 1.10 to 19.03.
    case schema2
    /// Everything since.
    case oci

    var testDescription: String { rawValue }

    /// The headers of a manifest pull: recorded from Docker 1.5.0, 1.9.1 and 1.12.6, and from Docker 28.
    var pullHeaders: [(String, String)] {
        switch self {
        case .v1: [("User-Agent", "docker/1.5.0 go/go1.4.1 git-commit/a8a31ef kernel/3.16.0 os/linux arch/amd64")]
        case .schema1: [("User-Agent", "docker/1.9.1 go/go1.4.3 git-commit/a34a1d5 kernel/4.2.0 os/linux arch/amd64")]
        case .schema2:
            [
                ("User-Agent", "docker/1.12.6 go/go1.6.4 git-commit/78d1802 kernel/4.9.0 os/linux arch/amd64"),
                ("Accept", "application/vnd.docker.distribution.manifest.list.v2+json"),
                ("Accept", "application/vnd.docker.distribution.manifest.v1+prettyjws"),
                ("Accept", "application/json"),
                ("Accept", "application/vnd.docker.distribution.manifest.v2+json"),
            ]
        case .oci:
            [
                (
                    "Accept",
                    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
                        + "application/vnd.docker.distribution.manifest.list.v2+json, "
                        + "application/vnd.docker.distribution.manifest.v2+json"
                )
            ]
        }
    }
}
