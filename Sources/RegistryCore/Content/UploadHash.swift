import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The running hashes of an upload: always SHA-256, under which bytes are stored, and any other algorithm requested.
struct UploadHash: Sendable {
    private var sha256 = StreamingDigest(.sha256)
    private var other: StreamingDigest?

    /// Starts with no bytes.
    init(_ algorithm: Digest.Algorithm) {
        other = algorithm == .sha256 ? nil : StreamingDigest(algorithm)
    }

    /// Restores ``saved``. Returns nil if the data is invalid, or was saved before the last reboot: the hashed bytes
    /// may have been lost then.
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
            // Damaged or of a later version: everything is hashed again from the bytes.
            return nil
        }
        guard sha256.algorithm == .sha256, other.map({ $0.byteCount == sha256.byteCount }) ?? true else { return nil }
    }

    /// The number of bytes hashed.
    var byteCount: Int64 { sha256.byteCount }

    /// The state for ``init(restoring:boot:)``: a line with the boot id, a length, the SHA-256's state, and the other
    /// hash's state if there is one.
    var saved: [UInt8] {
        let first = sha256.savedState
        return Array("\(SystemBoot.id)\n".utf8) + [UInt8(first.count)] + first + (other?.savedState ?? [])
    }

    /// The SHA-256 of the bytes so far.
    var digest: Digest { sha256.digest() }

    /// The digest of the bytes so far by `algorithm`; nil if it was not requested in time.
    func digest(by algorithm: Digest.Algorithm) -> Digest? {
        if algorithm == .sha256 { return digest }
        return other?.algorithm == algorithm ? other?.digest() : nil
    }

    /// Requests another algorithm. This has no effect after the first byte.
    mutating func prepare(for algorithm: Digest.Algorithm) {
        guard byteCount == 0, algorithm != .sha256, other?.algorithm != algorithm else { return }
        other = StreamingDigest(algorithm)
    }

    /// Adds the next bytes; many bytes as ``HeavyWork``.
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
