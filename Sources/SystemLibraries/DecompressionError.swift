/// Why a compressed stream cannot be decompressed.
package enum DecompressionError: Error, Equatable, CustomStringConvertible {
    /// It ends before its end.
    case truncated
    /// It is not what its format says, or a checksum in it does not match.
    case corrupt(reason: String)
    /// It is whole, and followed by bytes that are no further stream of its format.
    case trailingData
    /// The library that reads its format is not on this machine.
    case libraryMissing(RuntimeLibrary)
    /// It can be decompressed with more memory only than is allowed for one stream.
    case memoryLimit
    /// More bytes come out of it than may: see ``LayerLimits``.
    case outputLimit(byteCount: Int64)

    package var description: String {
        switch self {
        case .truncated: "the compressed data ends too early"
        case .corrupt(let reason): "the compressed data is corrupt: \(reason)"
        case .trailingData: "the compressed data is followed by bytes that do not belong to it"
        case .libraryMissing(let library):
            "\(library) is needed to read this and is not installed (on Debian and Ubuntu: package \(library.package))"
        case .memoryLimit: "the compressed data needs more memory than one stream may have"
        case .outputLimit(let byteCount): "the compressed data expands to more than the \(byteCount) bytes allowed"
        }
    }
}
