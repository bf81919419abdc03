internal import CZlib

/// gzip by zlib, which checks header, CRC and length of every member.
final class GzipDecoder: StreamDecoder {
    private let stream: UnsafeMutablePointer<z_stream>
    private var isInsideMember = false
    private var memberCount = 0

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15: the largest window; + 16: gzip and nothing else.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .memoryLimit
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int {
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        repeat {
            guard try beginMember(with: input.first) else { break }
            let fedByteCount = min(input.count, Int(UInt32.max))
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            stream.pointee.avail_in = UInt32(fedByteCount)
            let status = inflate(stream, Z_NO_FLUSH)
            input.removeFirst(fedByteCount - Int(stream.pointee.avail_in))
            switch status {
            case Z_OK: break
            case Z_STREAM_END:
                inflateReset(stream)
                isInsideMember = false
            case Z_BUF_ERROR: return output.count - Int(stream.pointee.avail_out)
            case Z_MEM_ERROR: throw .memoryLimit
            default: throw .corrupt(reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)")
            }
        } while stream.pointee.avail_out > 0 && !input.isEmpty
        return output.count - Int(stream.pointee.avail_out)
    }

    func finish() throws(DecompressionError) {
        guard memberCount > 0, !isInsideMember else { throw .truncated }
    }

    /// Whether a member is open, or begins with `byte`, the next of the input.
    private func beginMember(with byte: UInt8?) throws(DecompressionError) -> Bool {
        if isInsideMember { return true }
        guard let byte else { return false }
        guard memberCount == 0 || byte == 0x1F else { throw .trailingData }
        isInsideMember = true
        memberCount += 1
        return true
    }
}
