extension Manifest {
    /// The kinds of manifest that are told apart.
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// Docker's image manifest, version 2, schema 1, signed or not.
        case schema1
        /// Docker's image manifest, version 2, schema 2.
        case schema2
        /// Docker's manifest list.
        case manifestList
        /// OCI's image manifest, also where it holds an artifact.
        case ociManifest
        /// OCI's image index.
        case ociIndex
        /// Anything else that names blobs or manifests by descriptors.
        case other

        /// The kind that manifests of this media type are.
        package init(_ mediaType: MediaType) {
            switch mediaType {
            case .schema1, .schema1Signed: self = .schema1
            case .schema2: self = .schema2
            case .manifestList: self = .manifestList
            case .ociManifest: self = .ociManifest
            case .ociIndex: self = .ociIndex
            default: self = .other
            }
        }

        /// The value that `schemaVersion` must have; nil where nothing is prescribed.
        var schemaVersion: Int64? {
            switch self {
            case .schema1: 1
            case .schema2, .manifestList, .ociManifest, .ociIndex: 2
            case .other: nil
            }
        }

        /// Members that would make a manifest of this kind look like one of another. Docker's schema2 and list say in
        /// themselves what they are, and registry:2 takes them with any.
        var foreignFields: [String] {
            switch self {
            case .schema1: ["config", "manifests"]
            case .ociManifest: ["manifests"]
            case .ociIndex: ["config", "layers"]
            case .schema2, .manifestList, .other: []
            }
        }

        /// Whether manifests of this kind are images: a configuration and layers.
        var isOfOneImage: Bool { self == .schema2 || self == .ociManifest }
        /// Whether manifests of this kind are lists of manifests.
        var isIndex: Bool { self == .manifestList || self == .ociIndex }
    }
}
