internal import CZlib

/// Compresses a stream that is pushed into it piece by piece, in constant memory, to one gzip member.
///
/// The same bytes give the same member whenever they are compressed and however they are cut: no time, no name, level 6.
/// Another version of zlib may give another one.
///
/// It cannot be copied: two copies would go on with one and the same state.
package struct GzipCompressor: ~Copyable {
    private static let outputByteCount = 128 << 10

    /// zlib keeps a pointer to it: it must stay in its place.
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer

    /// Starts a member.
    ///
    /// - Throws: ``CompressionError/outOfMemory``.
    package init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: Self.outputByteCount, alignment: 16)
        // 15: the largest window; + 16: gzip, whose header is left as zlib writes it: no time, no name.
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

    /// Compresses all of `input` and hands what comes out to `sink`, piece by piece, or nothing yet.
    ///
    /// A piece is valid until `sink` returns.
    /// - Throws: What `sink` throws.
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

    /// Ends the member and hands its last bytes to `sink`. Nothing is compressed after that.
    ///
    /// - Throws: What `sink` throws.
    package mutating func finish<Failure: Error>(
        into sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        stream.pointee.avail_in = 0
        try drain(Z_FINISH, into: sink)
    }

    /// Lets zlib work until it leaves room in the output: then it has taken all input, and all is out that `flush` asks.
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

/// Why nothing can be compressed.
package enum CompressionError: Error, Equatable, CustomStringConvertible {
    /// zlib could not have the 256 KiB that it needs.
    case outOfMemory

    package var description: String { "there is no memory to compress with" }
}
