extension Manifest {
    /// The kinds of manifests.
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// Docker's image manifest, version 2, schema 1, signed or not.
        case schema1
        /// Docker's image manifest, version 2, schema 2.
        case schema2
        /// Docker's manifest list.
        case manifestList
        /// OCI's image manifest, including those of artifacts.
        case ociManifest
        /// OCI's image index.
        case ociIndex
        /// Anything else that references blobs or manifests by descriptors.
        case other

        /// The kind of manifests with this media type.
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

        /// The required value of `schemaVersion`; nil for any.
        var schemaVersion: Int64? {
            switch self {
            case .schema1: 1
            case .schema2, .manifestList, .ociManifest, .ociIndex: 2
            case .other: nil
            }
        }

        /// Fields that would make a manifest of this kind look like another kind. Docker's schema2 and manifest list
        /// identify themselves, and registry:2 accepts them with any fields.
        var foreignFields: [String] {
            switch self {
            case .schema1: ["config", "manifests"]
            case .ociManifest: ["manifests"]
            case .ociIndex: ["config", "layers"]
            case .schema2, .manifestList, .other: []
            }
        }

        /// Whether this is an image with a configuration and layers.
        var isOfOneImage: Bool { self == .schema2 || self == .ociManifest }
        /// Whether this is a list of manifests.
        var isIndex: Bool { self == .manifestList || self == .ociIndex }
    }
}
