internal import CZlib

/// Compresses a stream, fed piece by piece, to one gzip member in constant memory.
///
/// The output is reproducible, regardless of how the input is split: no time, no name, level 6. Another version of zlib
/// may produce different output.
///
/// It is noncopyable because copies would share the compressor's state.
package struct GzipCompressor: ~Copyable {
    private static let outputByteCount = 128 << 10

    /// zlib keeps a pointer to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer

    /// Starts a member.
    ///
    /// - Throws: ``CompressionError/outOfMemory``.
    package init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: Self.outputByteCount, alignment: 16)
        // 15: the largest window; + 16: gzip, with zlib's default header: no time, no name.
        let status = deflateInit2_(
            stream,
            6,
            Z_DEFLATED,
            15 + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else { throw .outOfMemory }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Compresses all of `input` and passes any output to `sink`, piece by piece.
    ///
    /// A piece is valid until `sink` returns.
    /// - Throws: Any error of `sink`.
    package mutating func compress<Failure: Error>(
        _ input: UnsafeRawBufferPointer,
        into sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var rest = input
        while !rest.isEmpty {
            let fedByteCount = min(rest.count, Int(UInt32.max))
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            stream.pointee.avail_in = UInt32(fedByteCount)
            try drain(Z_NO_FLUSH, into: sink)
            rest.removeFirst(fedByteCount)
        }
    }

    /// Ends the member and passes its last bytes to `sink`. Nothing can be compressed after that.
    ///
    /// - Throws: Any error of `sink`.
    package mutating func finish<Failure: Error>(
        into sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        stream.pointee.avail_in = 0
        try drain(Z_FINISH, into: sink)
    }

    /// Runs zlib until it leaves room in the output: then all input is consumed, and all output that `flush` demands is
    /// out.
    private mutating func drain<Failure: Error>(
        _ flush: Int32,
        into sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        repeat {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            deflate(stream, flush)
            let count = output.count - Int(stream.pointee.avail_out)
            if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<count])) }
        } while stream.pointee.avail_out == 0
    }
}

/// The error when compression cannot start.
package enum CompressionError: Error, Equatable, CustomStringConvertible {
    /// zlib could not allocate its 256 KiB.
    case outOfMemory

    package var description: String { "out of memory for compression" }
}
