/// What is out of order in a v1 tree and does not keep an image from being converted.
package enum V1Notice: Hashable, Sendable, CustomStringConvertible {
    /// There is no ancestry file; the parents that the images name were followed.
    case noAncestry
    /// The ancestry file is not a list of ids; the parents that the images name were followed.
    case unreadableAncestry
    /// No checksum was stored: the layer is sound in itself, but nothing says that it is the one pushed.
    case noChecksum
    /// What was stored is no checksum.
    case unreadableChecksum
    /// Only checksums of a kind that is not computed here were stored.
    case onlyTarsum
    /// Only tarsums were stored, and the layer has others. Engines computed them in ways that differed in corners: that
    /// proves no damage.
    case differentTarsum
    /// `_inprogress` was left behind, but the layer has the stored checksum.
    case staleInProgress

    package var description: String {
        switch self {
        case .noAncestry: "ancestry is missing; the parents named by the images were followed"
        case .unreadableAncestry: "ancestry is not a list of ids; the parents named by the images were followed"
        case .noChecksum: "_checksum is missing; the layer is sound in itself"
        case .unreadableChecksum: "_checksum does not hold a checksum; the layer is sound in itself"
        case .onlyTarsum:
            "_checksum holds checksums alone of a kind that is not computed here; the layer is sound in itself"
        case .differentTarsum:
            "_checksum holds a tarsum alone, and it is not the layer's, which engines of that time computed in differing ways; the layer is sound in itself"
        case .staleInProgress: "_inprogress was left behind; the layer has the stored checksum and was copied"
        }
    }
}
