/// A library loaded by name when the first stream needs it. Neither the build nor a registry without such streams
/// depends on it.
package enum RuntimeLibrary: String, Sendable, CaseIterable, CustomStringConvertible {
    case bzip2 = "libbz2.so.1.0"
    case lzma = "liblzma.so.5"
    case zstd = "libzstd.so.1"

    /// The library's file names on various systems, Debian's first.
    var fileNames: [String] {
        switch self {
        case .bzip2: [rawValue, "libbz2.so.1"]
        case .lzma, .zstd: [rawValue]
        }
    }

    /// The Debian package that contains it.
    package var package: String {
        switch self {
        case .bzip2: "libbz2-1.0"
        case .lzma: "liblzma5"
        case .zstd: "libzstd1"
        }
    }

    package var description: String { rawValue }
}
