#if ISAL
    internal import CISAL
    internal import CZlib

    /// gzip by ISA-L, which decompresses nearly twice as fast as zlib; zlib reads the header of every member.
    ///
    /// ISA-L takes back what it has read of a header when that comes in pieces, so it is shown none. It checks CRC and length.
    final class FastGzipDecoder: StreamDecoder {
        private let header: UnsafeMutablePointer<z_stream>
        private let stream: UnsafeMutablePointer<inflate_state>
        private var position = Position.betweenMembers
        private var memberCount = 0

        /// Where in the stream the next byte is.
        private enum Position {
            case betweenMembers
            case inHeader
            case inData
        }

        init() throws(DecompressionError) {
            header = .allocate(capacity: 1)
            header.initialize(to: z_stream())
            stream = .allocate(capacity: 1)
            stream.initialize(to: inflate_state())
            guard inflateInit2_(header, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
                throw .memoryLimit
            }
            isal_inflate_init(stream)
        }

        deinit {
            inflateEnd(header)
            header.deallocate()
            stream.deallocate()
        }

        func decode(
            _ input: inout UnsafeRawBufferPointer,
            into output: UnsafeMutableRawBufferPointer
        ) throws(DecompressionError) -> Int {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            repeat {
                if position == .betweenMembers { try beginMember(with: input.first) }
                if position == .inHeader { try readHeader(&input) }
                guard position == .inData else { break }
                let before = stream.pointee.avail_out
                let inputByteCount = input.count
                try readData(&input)
                // What is left of a member may be in the library alone.
                guard stream.pointee.avail_out != before || input.count != inputByteCount else { break }
            } while stream.pointee.avail_out > 0 && !input.isEmpty
            return output.count - Int(stream.pointee.avail_out)
        }

        func finish() throws(DecompressionError) {
            guard memberCount > 0, position == .betweenMembers else { throw .truncated }
        }

        private func beginMember(with byte: UInt8?) throws(DecompressionError) {
            guard let byte else { return }
            guard memberCount == 0 || byte == 0x1F else { throw .trailingData }
            position = .inHeader
            memberCount += 1
        }

        /// Reads as much of a header as there is, and begins the data behind it.
        private func readHeader(_ input: inout UnsafeRawBufferPointer) throws(DecompressionError) {
            let fedByteCount = min(input.count, Int(UInt32.max))
            header.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            header.pointee.avail_in = UInt32(fedByteCount)
            // No byte is written there: zlib returns behind the header.
            header.pointee.next_out = stream.pointee.next_out
            header.pointee.avail_out = 0
            let status = inflate(header, Z_BLOCK)
            input.removeFirst(fedByteCount - Int(header.pointee.avail_in))
            guard status == Z_OK || status == Z_BUF_ERROR else {
                throw .corrupt(reason: header.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)")
            }
            let isBehindHeader = header.pointee.data_type & 128 != 0
            guard isBehindHeader else { return }
            inflateReset(header)
            isal_inflate_reset(stream)
            stream.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
            position = .inData
        }

        private func readData(_ input: inout UnsafeRawBufferPointer) throws(DecompressionError) {
            let fedByteCount = min(input.count, Int(UInt32.max))
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            stream.pointee.avail_in = UInt32(fedByteCount)
            let status = isal_inflate(stream)
            input.removeFirst(fedByteCount - Int(stream.pointee.avail_in))
            guard status >= 0 else { throw .corrupt(reason: Self.reason(status)) }
            if stream.pointee.block_state == ISAL_BLOCK_FINISH { position = .betweenMembers }
        }

        /// What is wrong, in zlib's words.
        private static func reason(_ status: Int32) -> String {
            switch status {
            case ISAL_INVALID_BLOCK: "invalid block type"
            case ISAL_INVALID_SYMBOL: "invalid code"
            case ISAL_INVALID_LOOKBACK: "invalid distance too far back"
            case ISAL_INCORRECT_CHECKSUM: "incorrect data check"
            default: "ISA-L error \(status)"
            }
        }
    }
#endif
