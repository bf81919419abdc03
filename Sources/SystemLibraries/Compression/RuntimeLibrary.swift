/// A library that is opened by name at the first stream that needs it: building needs none of them, nor does a registry
/// that never meets such a stream.
package enum RuntimeLibrary: String, Sendable, CaseIterable, CustomStringConvertible {
    case bzip2 = "libbz2.so.1.0"
    case lzma = "liblzma.so.5"
    case zstd = "libzstd.so.1"

    /// The file names under which systems have it, the first of which is Debian's.
    var fileNames: [String] {
        switch self {
        case .bzip2: [rawValue, "libbz2.so.1"]
        case .lzma, .zstd: [rawValue]
        }
    }

    /// The Debian package that holds it.
    package var package: String {
        switch self {
        case .bzip2: "libbz2-1.0"
        case .lzma: "liblzma5"
        case .zstd: "libzstd1"
        }
    }

    package var description: String { rawValue }
}
