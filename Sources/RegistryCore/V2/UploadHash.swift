import ImageModel
import NIOCore
import SystemLibraries

/// The hashes of an upload so far: SHA-256 always, because bytes are stored under it, and what else was asked for.
struct UploadHash: Sendable {
    private var sha256 = StreamingDigest(.sha256)
    private var other: StreamingDigest?

    /// Starts with no byte.
    init(_ algorithm: Digest.Algorithm) {
        other = algorithm == .sha256 ? nil : StreamingDigest(algorithm)
    }

    /// Goes on from what ``saved`` gave, or answers nil when it did not give that.
    init?(restoring saved: [UInt8]) {
        guard let length = saved.first, saved.count > Int(length) else { return nil }
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

    /// The state as bytes that ``init(restoring:)`` takes: a length, the SHA-256's, the other one's if there is one.
    var saved: [UInt8] {
        let first = sha256.savedState
        return [UInt8(first.count)] + first + (other?.savedState ?? [])
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

    /// Takes the next bytes.
    mutating func update(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { bytes in
            sha256.update(bytes)
            other?.update(bytes)
        }
    }
}
