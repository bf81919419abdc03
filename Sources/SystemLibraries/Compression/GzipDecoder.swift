internal import CZlib

/// Decodes gzip with zlib, which checks the header, CRC and length of every member.
final class GzipDecoder: StreamDecoder {
    private let members: GzipMembers
    private var isInsideMember = false

    init() throws(DecompressionError) { members = try GzipMembers() }

    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int {
        let stream = members.stream
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        repeat {
            if !isInsideMember { isInsideMember = try members.begin(with: input.first) }
            guard isInsideMember else { break }
            let status = members.inflate(&input, Z_NO_FLUSH)
            switch status {
            case Z_OK: break
            case Z_STREAM_END:
                inflateReset(stream)
                isInsideMember = false
            case Z_BUF_ERROR: return output.count - Int(stream.pointee.avail_out)
            case Z_MEM_ERROR: throw .memoryLimit
            default: throw members.corruption(status)
            }
        } while stream.pointee.avail_out > 0 && !input.isEmpty
        return output.count - Int(stream.pointee.avail_out)
    }

    func finish() throws(DecompressionError) { try members.finish(isInside: isInsideMember) }
}
