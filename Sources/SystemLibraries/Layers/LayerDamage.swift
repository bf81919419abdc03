/// Why the bytes of a stored layer are no layer.
package enum LayerDamage: Error, Equatable, CustomStringConvertible {
    /// There is not one byte.
    case empty
    /// The compressed data, or the tar in it, ends too early.
    case truncated
    /// The compressed data is damaged.
    case corrupt(reason: String)
    /// What was stored, or what came out of it, is no tar.
    case notTar(reason: String)
    /// The compressed data is whole and other bytes follow it.
    case trailingData
    /// The library that reads its compression is not on this machine: the layer itself may be whole.
    case libraryMissing(RuntimeLibrary)
    /// Decompressing it takes more memory than one layer may have: the layer itself may be whole.
    case memoryLimit
    /// It expands to more bytes than one layer may: the layer itself may be whole.
    case outputLimit(byteCount: Int64)
    /// Reading it takes longer than it may: the layer itself may be whole.
    case timeLimit

    /// A damage of the compressed data.
    init(_ error: DecompressionError) {
        self =
            switch error {
            case .truncated: .truncated
            case .corrupt(let reason): .corrupt(reason: reason)
            case .trailingData: .trailingData
            case .libraryMissing(let library): .libraryMissing(library)
            case .memoryLimit: .memoryLimit
            case .outputLimit(let byteCount): .outputLimit(byteCount: byteCount)
            }
    }

    /// A damage of the tar.
    init(_ error: TarDamage) {
        self =
            switch error {
            case .notTar(let reason): .notTar(reason: reason)
            case .truncated: .truncated
            }
    }

    package var description: String {
        switch self {
        case .empty: "the layer file is empty (0 bytes), which not even a layer without files is"
        case .truncated: "the layer is cut short: its data ends too early"
        case .corrupt(let reason): "the layer is corrupt: it cannot be decompressed (\(reason))"
        case .notTar(let reason): "the layer is not a tar archive: \(reason)"
        case .trailingData: "the layer's compressed data is whole but followed by bytes that do not belong to it"
        case .libraryMissing(let library):
            """
            the layer cannot be read because \(library) is not installed \
            (on Debian and Ubuntu it is in the package \(library.package))
            """
        case .memoryLimit:
            "the layer cannot be read because decompressing it takes more than \(Decompressor.memoryLimit >> 20) MiB"
        case .outputLimit(let byteCount):
            "the layer cannot be read because it expands to more than the \(byteCount) bytes allowed"
        case .timeLimit: "the layer cannot be read because reading it takes longer than it may"
        }
    }
}
