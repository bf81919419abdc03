/// A decoder of one format. It is a class because the libraries keep pointers to their state: it must not move, and
/// must be freed exactly once.
protocol StreamDecoder: AnyObject {
    /// Consumes bytes from the front of `input` and writes to `output`, until either is exhausted.
    ///
    /// - Returns: The number of bytes written. It is less than the size of `output` only if all input was consumed.
    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int

    /// Checks that the stream was complete. Nothing can be decoded after that.
    func finish() throws(DecompressionError)
}

extension UnsafeRawBufferPointer {
    /// Removes the first `count` bytes.
    mutating func removeFirst(_ count: Int) { self = UnsafeRawBufferPointer(rebasing: self[count...]) }
}

/// Passes uncompressed data through.
final class PlainDecoder: StreamDecoder {
    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int {
        let count = min(input.count, output.count)
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        input.removeFirst(count)
        return count
    }

    func finish() throws(DecompressionError) {}
}

/// The error when a compressed stream cannot be decompressed.
package enum DecompressionError: Error, Equatable, CustomStringConvertible {
    /// The stream ends prematurely.
    case truncated
    /// The data violates the format, or a checksum does not match.
    case corrupt(reason: String)
    /// The stream is complete but followed by bytes that are not another stream of its format.
    case trailingData
    /// The library for the format is not installed.
    case libraryMissing(RuntimeLibrary)
    /// Decompression needs more memory than one stream is allowed.
    case memoryLimit
    /// The output exceeds its limit: see ``LayerLimits``.
    case outputLimit(byteCount: Int64)

    package var description: String {
        switch self {
        case .truncated: "the compressed data ends too early"
        case .corrupt(let reason): "the compressed data is corrupt: \(reason)"
        case .trailingData: "the compressed data is followed by bytes that do not belong to it"
        case .libraryMissing(let library):
            "\(library) is needed to read this and is not installed (on Debian and Ubuntu: package \(library.package))"
        case .memoryLimit: "the compressed data needs more memory than one stream is allowed"
        case .outputLimit(let byteCount): "the compressed data expands to more than the \(byteCount) bytes allowed"
        }
    }
}
