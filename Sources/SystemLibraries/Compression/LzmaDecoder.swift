internal import CCompression

/// Decodes xz and lzma with liblzma, which makes every check the format allows: .xz has an index and checksums, .lzma
/// only an end marker.
final class LzmaDecoder: StreamDecoder {
    /// The two formats of the library.
    enum Format {
        /// .xz. A stream may be followed by more streams and by padding in units of four zero bytes.
        case xz
        /// .lzma, which has a single stream.
        case alone
    }

    private let library: lzma_library
    private let stream: UnsafeMutablePointer<lzma_library_stream>
    private let format: Format
    private var isAtEnd = false

    /// - Parameters:
    ///   - memoryLimit: The maximum memory a stream may demand, in bytes.
    ///   - fileNames: The library names to try.
    init(
        _ format: Format,
        memoryLimit: UInt64 = Decompressor.memoryLimit,
        fileNames: [String] = RuntimeLibrary.lzma.fileNames
    ) throws(DecompressionError) {
        var library = lzma_library()
        guard fileNames.contains(where: { lzma_library_open(&library, $0) }) else { throw .libraryMissing(.lzma) }
        self.library = library
        self.format = format
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_library_stream())
        let status =
            switch format {
            case .xz: lzma_library_start_xz(&library, stream, memoryLimit)
            case .alone: lzma_library_start_alone(&library, stream, memoryLimit)
            }
        guard Int(status) == LZMA_LIBRARY_OK else { throw .memoryLimit }
    }

    deinit {
        withUnsafePointer(to: library) { lzma_library_end($0, stream) }
        stream.deallocate()
    }

    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int {
        if isAtEnd {
            guard input.isEmpty else { throw .trailingData }
            return 0
        }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = output.count
        try code(isLast: false)
        input.removeFirst(input.count - stream.pointee.avail_in)
        return output.count - stream.pointee.avail_out
    }

    func finish() throws(DecompressionError) {
        stream.pointee.avail_in = 0
        stream.pointee.avail_out = 0
        if !isAtEnd { try code(isLast: true) }
        guard isAtEnd else { throw .truncated }
    }

    private func code(isLast: Bool) throws(DecompressionError) {
        let status = Int(withUnsafePointer(to: library) { lzma_library_decode($0, stream, isLast) })
        switch status {
        case LZMA_LIBRARY_OK, LZMA_LIBRARY_NO_PROGRESS: break
        case LZMA_LIBRARY_STREAM_END: isAtEnd = true
        case LZMA_LIBRARY_MEMORY_LIMIT, LZMA_LIBRARY_OUT_OF_MEMORY: throw .memoryLimit
        case LZMA_LIBRARY_FORMAT_ERROR: throw .corrupt(reason: "not an xz or lzma stream")
        case LZMA_LIBRARY_OPTIONS_ERROR: throw .corrupt(reason: "the stream uses options that liblzma does not support")
        case LZMA_LIBRARY_DATA_ERROR: throw .corrupt(reason: "the xz or lzma data is damaged")
        default: throw .corrupt(reason: "liblzma error \(status)")
        }
    }
}
