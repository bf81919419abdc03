import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The hashes of an upload so far: SHA-256 always, because bytes are stored under it, and what else was asked for.
struct UploadHash: Sendable {
    private var sha256 = StreamingDigest(.sha256)
    private var other: StreamingDigest?

    /// Starts with no byte.
    init(_ algorithm: Digest.Algorithm) {
        other = algorithm == .sha256 ? nil : StreamingDigest(algorithm)
    }

    /// Goes on from what ``saved`` gave, or answers nil when it did not give that, or in an earlier run of the system: the
    /// bytes that were hashed may be lost with it.
    init?(restoring saved: [UInt8], boot: String = SystemBoot.id) {
        let beginning = Array("\(boot)\n".utf8)
        guard saved.starts(with: beginning) else { return nil }
        let saved = Array(saved.dropFirst(beginning.count))
        guard let length = saved.first, length > 0, saved.count > Int(length) else { return nil }
        do {
            sha256 = try StreamingDigest(restoring: Array(saved[1...Int(length)]))
            let rest = Array(saved.dropFirst(Int(length) + 1))
            other = rest.isEmpty ? nil : try StreamingDigest(restoring: rest)
        } catch {
            // Damaged, or of a later version: all of it is made again from the bytes.
            return nil
        }
        guard sha256.algorithm == .sha256, other.map({ $0.byteCount == sha256.byteCount }) ?? true else { return nil }
    }

    /// How many bytes went in.
    var byteCount: Int64 { sha256.byteCount }

    /// The state as bytes that ``init(restoring:boot:)`` takes: a line with the run of the system, a length, the SHA-256's,
    /// the other one's if there is one.
    var saved: [UInt8] {
        let first = sha256.savedState
        return Array("\(SystemBoot.id)\n".utf8) + [UInt8(first.count)] + first + (other?.savedState ?? [])
    }

    /// The SHA-256 of the bytes so far.
    var digest: Digest { sha256.digest() }

    /// The digest of the bytes so far by `algorithm`, or nil when that was not asked for in time.
    func digest(by algorithm: Digest.Algorithm) -> Digest? {
        if algorithm == .sha256 { return digest }
        return other?.algorithm == algorithm ? other?.digest() : nil
    }

    /// Asks for another algorithm as well, which can be done before the first byte alone.
    mutating func prepare(for algorithm: Digest.Algorithm) {
        guard byteCount == 0, algorithm != .sha256, other?.algorithm != algorithm else { return }
        other = StreamingDigest(algorithm)
    }

    /// Takes the next bytes; many of them as ``HeavyWork``.
    mutating func take(_ bytes: ByteBuffer) async {
        if bytes.readableBytes <= HeavyWork.smallDocumentByteCount { return update(bytes) }
        await HeavyWork.perform { update(bytes) }
    }

    private mutating func update(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { bytes in
            sha256.update(bytes)
            other?.update(bytes)
        }
    }
}
