/// The reason why a stored layer is invalid or unreadable.
package enum LayerDamage: Error, Equatable, CustomStringConvertible {
    /// The layer has no bytes.
    case empty
    /// The compressed data, or the tar in it, ends too early.
    case truncated
    /// The compressed data is damaged.
    case corrupt(reason: String)
    /// The stored or decompressed data is not a tar.
    case notTar(reason: String)
    /// The compressed data is complete but followed by other bytes.
    case trailingData
    /// The library for its compression is not installed: the layer itself may be intact.
    case libraryMissing(RuntimeLibrary)
    /// Decompression needs more memory than one layer is allowed: the layer itself may be intact.
    case memoryLimit
    /// It expands to more bytes than one layer is allowed: the layer itself may be intact.
    case outputLimit(byteCount: Int64)
    /// Reading it exceeds the time limit: the layer itself may be intact.
    case timeLimit

    /// Damage to the compressed data.
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

    /// Damage to the tar.
    init(_ error: TarDamage) {
        self =
            switch error {
            case .notTar(let reason): .notTar(reason: reason)
            case .truncated: .truncated
            }
    }

    package var description: String {
        switch self {
        case .empty: "the layer file is empty (0 bytes): even a layer without files has content"
        case .truncated: "the layer is cut short: its data ends too early"
        case .corrupt(let reason): "the layer is corrupt: it cannot be decompressed (\(reason))"
        case .notTar(let reason): "the layer is not a tar archive: \(reason)"
        case .trailingData: "the layer's compressed data is complete but followed by bytes that do not belong to it"
        case .libraryMissing(let library):
            """
            the layer cannot be read because \(library) is not installed \
            (on Debian and Ubuntu it is in the package \(library.package))
            """
        case .memoryLimit:
            "the layer cannot be read because decompressing it takes more than \(Decompressor.memoryLimit >> 20) MiB"
        case .outputLimit(let byteCount):
            "the layer cannot be read because it expands to more than the \(byteCount) bytes allowed"
        case .timeLimit: "the layer cannot be read because it exceeds the time limit"
        }
    }
}
