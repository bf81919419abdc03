internal import CZlib

/// The part that all gzip decoders do with zlib: accepts a sequence of members and nothing else.
final class GzipMembers {
    /// zlib's stream, used for a whole member or only for its header.
    let stream: UnsafeMutablePointer<z_stream>
    private var count = 0

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15: the largest window; + 16: gzip only.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .memoryLimit
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Whether a member begins with `byte`, the next input byte; false without a byte.
    func begin(with byte: UInt8?) throws(DecompressionError) -> Bool {
        guard let byte else { return false }
        guard count == 0 || byte == 0x1F else { throw .trailingData }
        count += 1
        return true
    }

    /// Passes input to zlib, removes what it consumed from `input`, and returns its status.
    func inflate(_ input: inout UnsafeRawBufferPointer, _ flush: Int32) -> Int32 {
        let fedByteCount = min(input.count, Int(UInt32.max))
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(fedByteCount)
        let status = CZlib.inflate(stream, flush)
        input.removeFirst(fedByteCount - Int(stream.pointee.avail_in))
        return status
    }

    /// Checks that the stream ended with a complete member.
    func finish(isInside: Bool) throws(DecompressionError) {
        guard count > 0, !isInside else { throw .truncated }
    }

    /// zlib's error for this stream.
    func corruption(_ status: Int32) -> DecompressionError {
        .corrupt(reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)")
    }
}
