/// An irregularity in a v1 tree that does not prevent an image's conversion.
package enum V1Notice: Hashable, Sendable, CustomStringConvertible {
    /// The ancestry file is missing; the parents named by the images were followed.
    case noAncestry
    /// The ancestry file is not a list of ids; the parents named by the images were followed.
    case unreadableAncestry
    /// No checksum is stored: the layer is valid, but cannot be verified to be the pushed one.
    case noChecksum
    /// The stored checksum is malformed.
    case unreadableChecksum
    /// Only checksums of kinds that are not computed here are stored.
    case onlyTarsum
    /// Only tarsums are stored, and they differ from the layer's. Engines computed tarsums in slightly different ways,
    /// so this does not prove damage.
    case differentTarsum
    /// `_inprogress` was left behind, but the layer matches the stored checksum.
    case staleInProgress

    package var description: String {
        switch self {
        case .noAncestry: "ancestry is missing; the parents named by the images were followed"
        case .unreadableAncestry: "ancestry is not a list of ids; the parents named by the images were followed"
        case .noChecksum: "_checksum is missing; the layer itself is valid"
        case .unreadableChecksum: "_checksum does not contain a checksum; the layer itself is valid"
        case .onlyTarsum:
            "_checksum only contains checksums of a kind that is not computed here; the layer itself is valid"
        case .differentTarsum:
            "_checksum only contains a tarsum that differs from the layer's (old engines computed them differently); the layer itself is valid"
        case .staleInProgress: "_inprogress was left behind; the layer matches the stored checksum and was copied"
        }
    }
}
