import RegistryCore
import Storage

/// How a blob came to be at the destination, as far as trust in its bytes goes.
enum BlobPlacement: Sendable {
    /// An earlier run had put it there.
    case known
    /// A blob of that name and size was there when its layer was read.
    case shared
    /// It is the very file that was hashed.
    case linked
    /// It was copied, recompressed or sent.
    case written

    /// - Parameter isFar: Whether the layer was fetched: a link is then no link of the source's file.
    init(_ placement: LayerImport.Placement, isFar: Bool) {
        self =
            switch placement {
            case .known: .known
            case .shared: .shared
            case .placed(.hardLink) where !isFar, .placed(.alreadyThere), .placed(.freshCopyLinked): .linked
            case .placed(.copy), .placed(.reflink), .placed(.hardLink), .recompressed: .written
            }
    }
}
