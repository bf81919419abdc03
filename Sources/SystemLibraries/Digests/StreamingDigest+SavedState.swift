internal import COpenSSL
import ImageModel

/// The saved form: `LSHD`, a version byte (1), an algorithm byte (1 SHA-256, 2 SHA-512), then big-endian the byte count
/// (8 bytes) and the eight words of the chaining value, then the bytes of the incomplete block, and last the first 8
/// hexadecimal digits of the SHA-256 of all this. It is independent of the machine and the version of OpenSSL.
extension StreamingDigest {
    private static let magic = Array("LSHD".utf8)
    private static let version: UInt8 = 1
    private static let headerByteCount = 14
    private static let checkByteCount = 8
    /// Beyond this the bit count does not fit into 64 bits.
    private static let byteCountLimit: Int64 = 1 << 60

    /// The offset of the incomplete block in SHA-512's state. It is a union, which Swift miscopies when optimising.
    fileprivate static let pendingOffset = MemoryLayout<SHA512_CTX>.offset(of: \.u) ?? 0

    /// The state as bytes for ``init(restoring:)``: at most 213.
    package var savedState: [UInt8] {
        var saved = Self.magic + [Self.version, algorithm.savedCode]
        saved += byteCount.bigEndianBytes
        let pendingCount = Int(byteCount % Int64(algorithm.blockByteCount))
        switch context {
        case .sha256(let state):
            saved += withUnsafeBytes(of: state.h) { $0.bindMemory(to: UInt32.self).flatMap(\.bigEndianBytes) }
            saved += withUnsafeBytes(of: state.data) { $0.prefix(pendingCount) }
        case .sha512(let state):
            saved += withUnsafeBytes(of: state.h) { $0.bindMemory(to: UInt64.self).flatMap(\.bigEndianBytes) }
            saved += withUnsafeBytes(of: state) { $0.dropFirst(Self.pendingOffset).prefix(pendingCount) }
        }
        return saved + Self.check(saved[...])
    }

    /// Restores a hash from its ``savedState``.
    ///
    /// - Throws: ``MalformedDigestState`` for bytes that are not a complete ``savedState``.
    package init(restoring saved: [UInt8]) throws(MalformedDigestState) {
        guard saved.count >= Self.headerByteCount + Self.checkByteCount, saved.starts(with: Self.magic),
            saved[4] == Self.version,
            let algorithm = Digest.Algorithm.allCases.first(where: { $0.savedCode == saved[5] })
        else { throw MalformedDigestState() }
        let byteCount = Int64(bigEndian: saved[6..<Self.headerByteCount])
        guard (0..<Self.byteCountLimit).contains(byteCount) else { throw MalformedDigestState() }

        let body = saved[Self.headerByteCount..<(saved.count - Self.checkByteCount)]
        let pendingCount = Int(byteCount % Int64(algorithm.blockByteCount))
        guard body.count == algorithm.chainingByteCount + pendingCount,
            Self.check(saved.dropLast(Self.checkByteCount)).elementsEqual(saved.suffix(Self.checkByteCount))
        else { throw MalformedDigestState() }
        self.init(
            algorithm,
            context: Context(
                algorithm,
                chaining: body.prefix(algorithm.chainingByteCount),
                pending: body.suffix(pendingCount),
                bitCount: UInt64(byteCount) << 3
            ),
            byteCount: byteCount
        )
    }

    private static func check(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(Digest(.sha256, of: bytes).hex.utf8.prefix(checkByteCount))
    }
}

extension StreamingDigest.Context {
    /// Restores the saved words and pending bytes. The counts have been checked.
    fileprivate init(
        _ algorithm: Digest.Algorithm,
        chaining: ArraySlice<UInt8>,
        pending: ArraySlice<UInt8>,
        bitCount: UInt64
    ) {
        switch StreamingDigest.Context(initial: algorithm) {
        case .sha256(var state):
            withUnsafeMutableBytes(of: &state.h) { $0.storeWords(UInt32.self, bigEndian: chaining) }
            withUnsafeMutableBytes(of: &state.data) { $0.copyBytes(from: pending) }
            state.num = UInt32(pending.count)
            state.Nl = UInt32(truncatingIfNeeded: bitCount)
            state.Nh = UInt32(truncatingIfNeeded: bitCount >> 32)
            self = .sha256(state)
        case .sha512(var state):
            withUnsafeMutableBytes(of: &state.h) { $0.storeWords(UInt64.self, bigEndian: chaining) }
            withUnsafeMutableBytes(of: &state) { state in
                UnsafeMutableRawBufferPointer(rebasing: state.dropFirst(StreamingDigest.pendingOffset))
                    .copyBytes(from: pending)
            }
            state.num = UInt32(pending.count)
            state.Nl = bitCount
            state.Nh = 0
            self = .sha512(state)
        }
    }
}

/// The error for bytes that are not a saved hash state.
package struct MalformedDigestState: Error, Equatable, CustomStringConvertible {
    package var description: String { "the saved hash state is damaged or was written by another program" }
}

extension Digest.Algorithm {
    fileprivate var savedCode: UInt8 {
        switch self {
        case .sha256: 1
        case .sha512: 2
        }
    }

    fileprivate var blockByteCount: Int {
        switch self {
        case .sha256: 64
        case .sha512: 128
        }
    }

    /// The size of the chaining value; for both algorithms the same as the hash's.
    fileprivate var chainingByteCount: Int { hexDigitCount / 2 }
}

extension FixedWidthInteger {
    fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

    fileprivate init(bigEndian bytes: ArraySlice<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | Self($1) }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Fills the buffer with the big-endian words in `bytes`.
    fileprivate func storeWords<Word: FixedWidthInteger>(_: Word.Type, bigEndian bytes: ArraySlice<UInt8>) {
        let size = MemoryLayout<Word>.size
        for offset in stride(from: 0, to: count, by: size) {
            let start = bytes.startIndex + offset
            storeBytes(of: Word(bigEndian: bytes[start..<(start + size)]), toByteOffset: offset, as: Word.self)
        }
    }
}
