/// Follows a tar from header to header, fed piece by piece, without keeping content. It tells whether the data is a
/// tar.
///
/// A tar is complete if Go's archive/tar, with which Docker reads layers, reaches its end: at two zero blocks, or where
/// the data ends before a header or within the padding of a file. Anything after the two zero blocks is ignored.
package struct TarWalker: Sendable {
    /// The part of the tar that the next byte belongs to.
    private enum State {
        /// A header. → any but end
        case header
        /// The block after a zero block. → end
        case secondZeroBlock
        /// An extra block of a sparse file's map, before the file's content. → itself, content
        case sparseMap(contentByteCount: Int64)
        /// Bytes that are skipped. → padding
        case content(Int64, padding: Int64)
        /// pax records. → padding
        case extendedHeader(Int64, padding: Int64)
        /// The padding of the last content block. → header
        case padding(Int64)
        /// Everything after the end of the tar.
        case end
    }

    private var state = State.header
    /// The first bytes of a block that arrives in pieces.
    private var block: [UInt8] = []
    /// The number of bytes so far.
    private var byteCount: Int64 = 0
    private var pax = PaxSizeReader()

    /// Starts before the first header.
    package init() {}

    /// Adds the next bytes. After an error nothing may follow.
    ///
    /// - Throws: ``TarDamage/notTar(reason:)``.
    package mutating func walk(_ bytes: UnsafeRawBufferPointer) throws(TarDamage) {
        var bytes = bytes
        while !bytes.isEmpty {
            let count = try take(bytes)
            byteCount += Int64(count)
            bytes.removeFirst(count)
        }
    }

    /// Whether the two zero blocks at the end of a tar were found.
    package var hasEnd: Bool { if case .end = state { true } else { false } }

    /// Ends the tar.
    ///
    /// - Throws: ``TarDamage/truncated``, or ``TarDamage/notTar(reason:)`` if there was not even one header.
    package func finish() throws(TarDamage) {
        switch state {
        case .end, .padding: return
        case .header, .secondZeroBlock:
            guard !block.isEmpty else { return }
            guard byteCount >= TarHeader.blockByteCount else {
                throw .notTar(reason: "a header has 512 bytes, but there are only \(byteCount)")
            }
            throw .truncated
        case .sparseMap, .content, .extendedHeader: throw .truncated
        }
    }

    /// Consumes bytes from the front of non-empty `bytes`, and returns their number.
    private mutating func take(_ bytes: UnsafeRawBufferPointer) throws(TarDamage) -> Int {
        switch state {
        case .end: return bytes.count
        case .header, .secondZeroBlock, .sparseMap: return try takeBlock(bytes)
        case .content(let remaining, let padding):
            let count = Int(min(Int64(bytes.count), remaining))
            state = following(.content(remaining - Int64(count), padding: padding))
            return count
        case .extendedHeader(let remaining, let padding):
            let count = Int(min(Int64(bytes.count), remaining))
            pax.read(bytes[..<count])
            state = following(.extendedHeader(remaining - Int64(count), padding: padding))
            return count
        case .padding(let remaining):
            let count = Int(min(Int64(bytes.count), remaining))
            state = following(.padding(remaining - Int64(count)))
            return count
        }
    }

    /// `state`, or its successor if none of its bytes remain.
    private func following(_ state: State) -> State {
        switch state {
        case .content(0, let padding), .extendedHeader(0, let padding): following(.padding(padding))
        case .padding(0): .header
        default: state
        }
    }

    /// Reads a block in place if `bytes` contains all of it; otherwise collects it.
    private mutating func takeBlock(_ bytes: UnsafeRawBufferPointer) throws(TarDamage) -> Int {
        let missingCount = TarHeader.blockByteCount - block.count
        guard bytes.count >= missingCount else {
            block += bytes
            return bytes.count
        }
        let offset = byteCount - Int64(block.count)
        if block.isEmpty {
            try read(UnsafeRawBufferPointer(rebasing: bytes[..<missingCount]), at: offset)
        } else {
            let whole = block + bytes[..<missingCount]
            block.removeAll(keepingCapacity: true)
            // withUnsafeBytes does not propagate typed errors, so the error is returned as a value.
            let outcome = whole.withUnsafeBytes { buffer in
                Result { () throws(TarDamage) in try read(buffer, at: offset) }
            }
            try outcome.get()
        }
        return missingCount
    }

    /// Enters the state after a complete block that began at `offset`.
    private mutating func read(_ block: UnsafeRawBufferPointer, at offset: Int64) throws(TarDamage) {
        let isZero = block.allSatisfy { $0 == 0 }
        switch state {
        case .sparseMap(let contentByteCount):
            state = block[504] != 0 ? state : content(contentByteCount)
        case .secondZeroBlock:
            guard isZero else {
                throw .notTar(reason: "expected a second block of zeros at byte \(offset)")
            }
            state = .end
        default:
            state = isZero ? .secondZeroBlock : try afterHeader(try TarHeader(block, at: offset), at: offset)
        }
    }

    private mutating func afterHeader(_ header: TarHeader, at offset: Int64) throws(TarDamage) -> State {
        switch header.kind {
        case .extendedHeader:
            pax = PaxSizeReader()
            return following(.extendedHeader(header.byteCount, padding: Self.padding(of: header.byteCount)))
        case .longName:
            return content(header.byteCount)
        case .globalHeader:
            pax = PaxSizeReader()
            return content(header.byteCount)
        case .content, .extendedSparseFile:
            let byteCount = try contentByteCount(header, at: offset)
            pax = PaxSizeReader()
            return header.kind == .content ? content(byteCount) : .sparseMap(contentByteCount: byteCount)
        }
    }

    /// The size of a file: the extended header takes precedence over its own header.
    private func contentByteCount(_ header: TarHeader, at offset: Int64) throws(TarDamage) -> Int64 {
        guard !header.isHeaderOnly, let size = pax.size else { return header.byteCount }
        guard let byteCount = Int64(String(decoding: size, as: UTF8.self)), byteCount >= 0 else {
            throw .notTar(reason: "the extended header before byte \(offset) has no valid size")
        }
        return byteCount
    }

    private func content(_ byteCount: Int64) -> State {
        following(.content(byteCount, padding: Self.padding(of: byteCount)))
    }

    private static func padding(of byteCount: Int64) -> Int64 { -byteCount & Int64(TarHeader.blockByteCount - 1) }
}

/// The reason why data is not a valid tar.
package enum TarDamage: Error, Equatable, CustomStringConvertible {
    /// A header is malformed or contradictory.
    case notTar(reason: String)
    /// The data ends within a header or a file.
    case truncated

    package var description: String {
        switch self {
        case .notTar(let reason): "not a tar: \(reason)"
        case .truncated: "the tar ends too early"
        }
    }
}
