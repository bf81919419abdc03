import Conversion
import ImageModel
import RegistryCore
import Storage
import SystemLibraries

/// Reads back, at the end of a migration, what it has stored at the destination, and what earlier runs have stored and
/// not read back.
struct ReadBack: Sendable {
    let destination: any MigrationDestination
    let journal: MigrationJournal
    let format: ImageFormat
    let verification: MigrationOptions.Verification
    let work: ParallelWork
    let progress: MigrationProgress

    /// Reads back as much as the options ask for. On a mismatch withdraws the blob and its tags, and discards what is
    /// known of the images with that layer.
    func run(_ result: inout MigrationResult) async throws {
        guard verification != .none else { return }
        try await readDocuments(&result)
        let blobs = await unreadBlobs(result)
        var entries: [JournalEntry] = []
        var faults: [Digest: ReadBackFault] = [:]
        // Largest first, so that a large blob is not left to be read alone at the end.
        let byteCounts = result.blobByteCounts
        progress.beginChecks(byteCount: blobs.keys.map { byteCounts[$0, default: 0] }.clampedSum)
        let order = blobs.map { (digest: $0.key, firstRepository: $0.value) }
            .sorted { byteCounts[$0.digest, default: 0] > byteCounts[$1.digest, default: 0] }
        try await work.run(order) { blob in
            try await progress.checking(byteCount: byteCounts[blob.digest, default: 0]) {
                try await read(blob.digest, in: blob.firstRepository)
            }
        } each: { blob, fault in
            faults[blob.digest] = fault
            if let fault { try await destination.blobs(firstRepository: blob.firstRepository).withdraw(fault) }
            let state = fault == nil ? JournaledBlob.State.verified : .withdrawn
            let isUnverified = await journal.unverified[blob.digest] != nil
            if fault != nil || isUnverified {
                entries.append(.blob(JournaledBlob(blob.digest, in: blob.firstRepository, state)))
            }
        }
        for (digest, firstRepository) in await journal.unverified where blobs[digest] == nil {
            entries.append(.blob(JournaledBlob(digest, in: firstRepository, .verified)))
        }
        entries += journal.earlier.forgetting(faults) + result.forgetting(faults)
        try await journal.append(entries)
        for tag in result.tags where tag.outcome != .kept {
            let digests = result.chain(of: tag.tag).images.lazy.compactMap { $0.record?.descriptor?.digest }
            guard let fault = digests.compactMap({ faults[$0] }).first else { continue }
            try await retract(tag, fault, &result)
        }
        result.verifiedByteCount = progress.snapshot.bytesVerified
    }

    /// Reads the manifests and configurations of tags: those not yet verified, or all.
    private func readDocuments(_ result: inout MigrationResult) async throws {
        var entries: [JournalEntry] = []
        let tags = result.tags.filter { $0.outcome != .kept && (verification == .full || !isVerified($0)) }
        progress.beginChecks(tagCount: tags.count)
        try await work.run(tags) { tag in
            do {
                try await progress.checking { try await readDocuments(of: tag) }
                return nil as ReadBackFault?
            } catch let fault as ReadBackFault { return fault }
        } each: { tag, fault in
            if let fault {
                try await destination.blobs(firstRepository: tag.tag.name).withdraw(fault)
                try await retract(tag, fault, &result)
            } else if !isVerified(tag) {
                entries.append(.tag(JournaledTag(tag, format, isVerified: true)))
            }
        }
        try await journal.append(entries)
    }

    /// Whether an earlier run has verified a tag's documents, and they are unchanged.
    private func isVerified(_ tag: ConvertedTag) -> Bool {
        let entry = journal.earlier.tag(tag.tag.tag.description, in: tag.tag.v1Name.description)
        return tag.outcome == .unchanged && entry?.isVerified == true
    }

    private func readDocuments(of tag: ConvertedTag) async throws {
        let name = tag.tag.name
        let bytes = try await document(tag.manifest, .manifest, in: name)
        guard let manifest = try? Manifest(parsing: bytes, contentType: nil) else {
            throw ReadBackFault.different(tag.manifest)
        }
        if let configuration = manifest.configuration {
            _ = try await document(configuration.digest, .configuration, in: name)
        }
    }

    private func document(_ digest: Digest, _ kind: StoredDocument, in name: RepositoryName) async throws -> [UInt8] {
        guard let bytes = try await destination.document(digest, kind, in: name) else {
            throw ReadBackFault.missing(digest)
        }
        progress.didVerify(bytes.count)
        guard Digest(digest.algorithm, of: bytes) == digest else { throw ReadBackFault.different(digest) }
        return bytes
    }

    /// The blobs to read, each with a repository that contains it. A linked blob is the very file that was hashed.
    private func unreadBlobs(_ result: MigrationResult) async -> [Digest: RepositoryName] {
        if verification == .auto {
            let linked = await journal.linked
            return await journal.unverified.filter { !linked.contains($0.key) }
        }
        var blobs = await journal.unverified
        for tag in result.tags where tag.outcome != .kept {
            for image in result.chain(of: tag.tag).images {
                if let digest = image.record?.descriptor?.digest { blobs[digest] = tag.tag.name }
            }
        }
        return blobs
    }

    private func read(_ digest: Digest, in name: RepositoryName) async throws -> ReadBackFault? {
        let actual = try await destination.blobs(firstRepository: name).actualDigest(of: digest) {
            progress.didVerify($0)
        }
        guard let actual else { return .missing(digest) }
        return actual == digest ? nil : .different(digest)
    }

    private func retract(_ tag: ConvertedTag, _ fault: ReadBackFault, _ result: inout MigrationResult) async throws {
        try await destination.withdraw(tag.tag.tag, naming: tag.manifest, in: tag.tag.name)
        result.retract(tag, because: fault)
    }
}

/// The destination does not return what was written.
enum ReadBackFault: Error, Hashable, CustomStringConvertible {
    case missing(Digest)
    case different(Digest)

    var description: String {
        switch self {
        case .missing(let digest): "read back: \(digest) is missing at the destination after it was written"
        case .different(let digest): "read back: the destination has other bytes as \(digest)"
        }
    }
}

extension BlobDestination {
    /// Withdraws a blob whose bytes do not match its digest.
    fileprivate func withdraw(_ fault: ReadBackFault) async throws {
        if case .different(let digest) = fault { try await withdraw(digest) }
    }
}

extension MigrationJournal.Content {
    /// Entries that discard the records of layers with faults.
    fileprivate func forgetting(_ faults: [Digest: ReadBackFault]) -> [JournalEntry] {
        let digests = Set(faults.keys.map(\.description))
        return images.values.filter { $0.record.map { digests.contains($0.blob) } ?? false }.map { image in
            var image = image
            image.record = nil
            return JournalEntry.image(image)
        }
    }
}

extension MigrationResult {
    /// Entries that discard this run's records of layers with faults.
    fileprivate func forgetting(_ faults: [Digest: ReadBackFault]) -> [JournalEntry] {
        records.compactMap { id, record in
            guard let digest = record.descriptor?.digest, faults[digest] != nil else { return nil }
            return survey.images[id].map { JournalEntry.image(JournaledImage(id, $0, record: nil, damage: nil)) }
        }
    }
}
