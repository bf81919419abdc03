/// A decompressor of one format. It is a class because the libraries keep pointers to the state that they work on: it
/// must stay in its place, and be given back once.
protocol StreamDecoder: AnyObject {
    /// Takes bytes from the front of `input` and writes to `output`, until one of them is used up.
    ///
    /// - Returns: How many bytes were written. Fewer than `output` has room for only when all input was taken.
    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int

    /// Makes sure that the stream was whole. Nothing is decoded after that.
    func finish() throws(DecompressionError)
}

extension UnsafeRawBufferPointer {
    /// Removes the first `count` bytes.
    mutating func removeFirst(_ count: Int) { self = UnsafeRawBufferPointer(rebasing: self[count...]) }
}

/// What is not compressed, passed on.
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
