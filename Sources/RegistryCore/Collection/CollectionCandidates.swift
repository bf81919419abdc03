import ImageModel
import Storage

/// Content that a mark did not reach, found part by part: a registry may have a million such blobs.
struct CollectionCandidates: Sendable {
    /// Content to be condemned.
    struct Candidate: Sendable {
        let digest: Digest
        /// The attributes of its bytes; nil if only a record of it exists.
        let bytes: ObjectAttributes?
    }

    private enum Part: Sendable {
        /// Blobs whose digests share a prefix.
        case blobs(Digest.Algorithm, ObjectKey)
        /// Our own records, by the digests of the content they describe.
        case records(ObjectKey)
    }

    /// The number of candidates to find before they are condemned together; the last part may exceed it.
    private let limit: Int
    private var parts: [Part]

    init(in storage: any ObjectStorage, limit: Int) async throws(StorageError) {
        self.limit = limit
        var parts: [Part] = []
        for algorithm in try await storage.list(V2Layout.blobs) {
            guard let known = Digest.Algorithm(rawValue: algorithm.name) else { continue }
            let key = V2Layout.blobs.appending(algorithm.name)
            for prefix in try await storage.list(key) where prefix.isDirectory {
                parts.append(.blobs(known, key.appending(prefix.name)))
            }
        }
        for root in OwnLayout.contentRecords {
            for prefix in try await storage.list(root) where prefix.isDirectory {
                parts.append(.records(root.appending(prefix.name)))
            }
        }
        self.parts = parts.reversed()
    }

    /// The next candidates; empty when there are no more.
    mutating func next(_ mark: Mark) async throws -> [Candidate] {
        var found: [Candidate] = []
        while found.count < limit, let part = parts.popLast() {
            switch part {
            case .blobs(let algorithm, let key): found += try await blobs(algorithm, key, mark)
            case .records(let key): found += try await records(key, mark)
            }
        }
        return found
    }

    private func blobs(_ algorithm: Digest.Algorithm, _ key: ObjectKey, _ mark: Mark) async throws -> [Candidate] {
        let digests = try await mark.storage.list(key).compactMap { try? Digest(algorithm, hex: $0.name) }
        var found: [Candidate] = []
        try await mark.walk.inSteps(digests.filter { !mark.isLive($0) }) { some in
            let files = try await mark.walk.attributes(of: some.map { V2Layout.blobData($0) })
            for (digest, file) in zip(some, files) {
                guard let file, file.kind == .object, !mark.isYoung(file.modified),
                    // Live content uses the same file.
                    !mark.sharedFiles.contains(file.version), !mark.isUsed(digest)
                else { continue }
                found.append(Candidate(digest: digest, bytes: file))
            }
        }
        return found
    }

    private func records(_ key: ObjectKey, _ mark: Mark) async throws -> [Candidate] {
        let entries = try await mark.storage.list(key).filter { !$0.isDirectory }
        var found: [Candidate] = []
        try await mark.walk.inSteps(entries) { some in
            let named = some.compactMap { entry in
                (try? Digest(.sha256, hex: entry.name)).map { (key.appending(entry.name), $0) }
            }.filter { !mark.isLive($0.1) }
            let records = try await mark.walk.attributes(of: named.map(\.0))
            let blobs = try await mark.walk.attributes(of: named.map { V2Layout.blobData($0.1) })
            for ((record, blob), (_, digest)) in zip(zip(records, blobs), named) {
                guard let record, blob == nil, !mark.isYoung(record.modified) else { continue }
                found.append(Candidate(digest: digest, bytes: nil))
            }
        }
        return found
    }
}

extension OwnLayout {
    /// The prefixes of records of single manifests and blobs, which are grouped by digest prefix.
    static let contentRecords = [
        root.appending("origins"), derivedContent.appending("layers"), derivedContent.appending("readings"),
    ]

    /// The records of one manifest or blob.
    static func records(of digest: Digest) -> [ObjectKey] {
        [origin(of: digest), recompressed(digest), reading(of: digest), damagedBlob(digest)]
    }
}
