internal import CCompression

/// Decodes bzip2 with libbz2, which checks the CRC of every block and stream.
final class Bzip2Decoder: StreamDecoder {
    private var library = bzip2_library()
    private let stream: UnsafeMutablePointer<bzip2_stream>
    private var isInsideStream = false
    private var streamCount = 0

    /// - Parameter fileNames: The library names to try.
    init(fileNames: [String] = RuntimeLibrary.bzip2.fileNames) throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bzip2_stream())
        guard fileNames.contains(where: { bzip2_library_open(&library, $0) }) else { throw .libraryMissing(.bzip2) }
    }

    deinit {
        if isInsideStream { bzip2_library_end(&library, stream) }
        stream.deallocate()
    }

    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int {
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = UInt32(output.count)
        repeat {
            guard try beginStream(with: input.first) else { break }
            let fedByteCount = min(input.count, Int(UInt32.max))
            stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: CChar.self)
            stream.pointee.avail_in = UInt32(fedByteCount)
            let status = Int(bzip2_library_decode(&library, stream))
            input.removeFirst(fedByteCount - Int(stream.pointee.avail_in))
            switch status {
            case BZIP2_OK: break
            case BZIP2_STREAM_END:
                bzip2_library_end(&library, stream)
                isInsideStream = false
            case BZIP2_OUT_OF_MEMORY: throw .memoryLimit
            case BZIP2_BAD_MAGIC: throw .corrupt(reason: "not a bzip2 stream")
            case BZIP2_DATA_ERROR: throw .corrupt(reason: "a bzip2 block is damaged")
            default: throw .corrupt(reason: "libbz2 error \(status)")
            }
        } while stream.pointee.avail_out > 0 && !input.isEmpty
        return output.count - Int(stream.pointee.avail_out)
    }

    func finish() throws(DecompressionError) {
        guard streamCount > 0, !isInsideStream else { throw .truncated }
    }

    /// Whether a stream is open, or one begins with `byte`, the next input byte.
    private func beginStream(with byte: UInt8?) throws(DecompressionError) -> Bool {
        if isInsideStream { return true }
        guard let byte else { return false }
        guard streamCount == 0 || byte == UInt8(ascii: "B") else { throw .trailingData }
        guard Int(bzip2_library_start(&library, stream)) == BZIP2_OK else { throw .memoryLimit }
        isInsideStream = true
        streamCount += 1
        return true
    }
}
