import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Reads and hashes objects for a verification. Its caller runs on threads that may read and hash.
struct ContentHasher: Sendable {
    /// An object that was read.
    struct Content: Sendable {
        /// Its attributes when it was opened.
        let file: ObjectAttributes
        /// The digest of its bytes.
        let digest: Digest
        /// The SHA-256 of a prefix and its bytes; nil if no prefix was given.
        let payload: Digest?
        /// Whether as many bytes were read as the object had when it was opened.
        let isWhole: Bool
    }

    /// What is known about an object after reading it.
    enum Verdict: Sendable {
        /// It has the right bytes.
        case sound(Content)
        case absent
        /// Two complete reads gave the same wrong bytes.
        case damaged(Content)
        /// It cannot be read, or not twice with the same result: a fault of the medium proves no damage.
        case unreadable(String)
    }

    let storage: any ObjectStorage
    let progress: VerificationProgress

    /// The number of bytes to read at once. It fits into a processor's cache, where hashing finds the bytes.
    private static let pieceByteCount = 256 << 10
    /// The maximum number of times an object is read that others replace meanwhile.
    private static let readLimit = 5

    /// Reads an object once; nil if there is none.
    ///
    /// - Parameters:
    ///   - prefix: Bytes that the payload's hash begins with.
    ///   - isAgain: Whether to read from the medium what an earlier read left in the system's cache.
    private func read(
        _ key: ObjectKey,
        _ algorithm: Digest.Algorithm,
        after prefix: [UInt8]?,
        isAgain: Bool
    ) async throws -> Content? {
        guard let reader = try await storage.open(key) else { return nil }
        reader.willReadOnce(fromMedium: isAgain)
        var hash = StreamingDigest(algorithm)
        var payload = prefix.map { prefix in
            var payload = StreamingDigest(.sha256)
            payload.update(prefix)
            return payload
        }
        var offset: Int64 = 0
        while true {
            let piece = try await reader.read(at: offset, byteCount: Self.pieceByteCount)
            guard piece.readableBytes > 0 else { break }
            piece.withUnsafeReadableBytes { bytes in
                hash.update(bytes)
                payload?.update(bytes)
            }
            offset += Int64(piece.readableBytes)
            try await progress.take(piece.readableBytes)
        }
        return Content(
            file: reader.attributes,
            digest: hash.digest(),
            payload: payload?.digest(),
            isWhole: offset == reader.attributes.byteCount
        )
    }

    /// Reads an object until it is known whether it has the right bytes.
    ///
    /// - Parameter isRight: Whether these are the right bytes.
    func verdict(
        on key: ObjectKey,
        _ algorithm: Digest.Algorithm = .sha256,
        after prefix: [UInt8]? = nil,
        _ isRight: (Content) async throws -> Bool
    ) async throws -> Verdict {
        var last: Content?
        for _ in 0..<Self.readLimit {
            let content: Content
            do {
                guard let read = try await read(key, algorithm, after: prefix, isAgain: last != nil) else {
                    return .absent
                }
                content = read
            } catch let error as StorageError where error.isOfOneFile {
                return .unreadable("\(error)")
            }
            if content.isWhole, try await isRight(content) {
                guard let last, last.isWhole, last.file.version == content.file.version else { return .sound(content) }
                return .unreadable("two reads gave different bytes")
            }
            if let last, last.file.version == content.file.version {
                guard last.isWhole, content.isWhole else { return .unreadable("it ended early") }
                guard last.digest == content.digest else { return .unreadable("two reads gave different bytes") }
                return .damaged(content)
            }
            last = content
        }
        return .unreadable("it changes while it is read")
    }

    /// Reads a blob until it is known whether its bytes have its digest.
    func verdict(on digest: Digest) async throws -> Verdict {
        try await verdict(on: V2Layout.blobData(digest), digest.algorithm) { $0.digest == digest }
    }
}

extension StorageError {
    /// Whether a verification can continue with other objects: this one is unreadable, or its part of the medium fails.
    var isOfOneFile: Bool { if case .failing = self { true } else { isOfOneObject } }
}

extension ObjectStorage {
    /// The result of reading each key: small objects, in one step if possible.
    func results(of keys: [ObjectKey], limit: Int) async throws -> [Result<ByteBuffer?, StorageError>] {
        do { return try await read(keys, limit: limit).map { .success($0) } } catch {
            guard error.isOfOneFile else { throw error }
        }
        var all: [Result<ByteBuffer?, StorageError>] = []
        for key in keys {
            do { all.append(.success(try await read(key, limit: limit))) } catch {
                guard error.isOfOneFile else { throw error }
                all.append(.failure(error))
            }
        }
        return all
    }
}
