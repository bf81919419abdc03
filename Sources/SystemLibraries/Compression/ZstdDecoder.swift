internal import CCompression

/// Decodes zstd with libzstd, which checks the checksum of every frame that has one, and rejects windows over 128 MiB.
final class ZstdDecoder: StreamDecoder {
    private var library: zstd_library
    private let decoder: UnsafeMutableRawPointer
    private var isInsideFrame = false
    private var hasFrames = false

    /// - Parameter fileNames: The library names to try.
    init(fileNames: [String] = RuntimeLibrary.zstd.fileNames) throws(DecompressionError) {
        var library = zstd_library()
        guard fileNames.contains(where: { zstd_library_open(&library, $0) }) else { throw .libraryMissing(.zstd) }
        guard let decoder = zstd_library_create(&library) else { throw .memoryLimit }
        self.library = library
        self.decoder = decoder
    }

    deinit { zstd_library_release(&library, decoder) }

    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int {
        var source = zstd_library_input(bytes: input.baseAddress, size: input.count, position: 0)
        var target = zstd_library_output(bytes: output.baseAddress, size: output.count, position: 0)
        repeat {
            let result = zstd_library_decode(&library, decoder, &target, &source)
            try check(result)
            isInsideFrame = result != 0
            hasFrames = hasFrames || !isInsideFrame
        } while target.position < target.size && source.position < source.size
        input.removeFirst(source.position)
        return target.position
    }

    func finish() throws(DecompressionError) {
        guard hasFrames, !isInsideFrame else { throw .truncated }
    }

    private func check(_ result: Int) throws(DecompressionError) {
        switch Int(zstd_library_error_number(&library, result)) {
        case 0: return
        case ZSTD_LIBRARY_UNKNOWN_PREFIX where hasFrames && !isInsideFrame: throw .trailingData
        case ZSTD_LIBRARY_WINDOW_TOO_LARGE, ZSTD_LIBRARY_OUT_OF_MEMORY: throw .memoryLimit
        default: throw .corrupt(reason: String(cString: zstd_library_error_name(&library, result)))
        }
    }
}
