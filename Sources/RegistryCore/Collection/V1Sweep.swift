import ImageModel
import Storage

/// Deletes v1 images that no tag reaches, with the same protocol as blobs.
///
/// Images are deleted before their ancestors: whoever finds an image finds its ancestors.
struct V1Sweep: Sendable {
    let storage: any ObjectStorage
    let ledger: any CollectionLedger
    let rules: CollectionRules

    /// Deletes the images that a second mark does not reach either.
    func run(_ mark: V1ImageMark, in epoch: UInt64, _ report: inout CollectionReport) async throws {
        let first = try await descendantsFirst(try await mark.unreached())
        guard !first.isEmpty else { return }
        try await ledger.condemn(first.map(\.content), in: epoch)
        let again = V1ImageMark(
            walk: mark.walk,
            policy: mark.policy,
            now: mark.now,
            announced: try await ledger.announced()
        )
        let second = Set(try await again.unreached())
        // Images that writers saved, and their ancestors.
        var saved: Set<V1ImageID> = []
        for id in first {
            try Task.checkCancellation()
            if second.contains(id), !saved.contains(id), try await !delete(id, in: epoch, &report) {
                report.savedCount += 1
                saved.formUnion(try await lineage(of: id))
            }
            try await ledger.lift([id.content], in: epoch)
        }
    }

    /// Sorts images by the number of their ancestors, in descending order.
    private func descendantsFirst(_ ids: [V1ImageID]) async throws -> [V1ImageID] {
        var counts: [V1ImageID: Int] = [:]
        for id in ids { counts[id] = try await lineage(of: id).count }
        return ids.sorted { left, right in
            let (leftCount, rightCount) = (counts[left] ?? 0, counts[right] ?? 0)
            return leftCount == rightCount ? left.description < right.description : leftCount > rightCount
        }
    }

    /// An image and its ancestors, as far as they can be determined.
    private func lineage(of id: V1ImageID) async throws -> [V1ImageID] {
        if let listed = try await storage.listedAncestry(of: id) { return listed }
        do {
            return try await V1Chain(of: id, in: V1Tree(storage: storage), checkingAncestry: false).images.map(\.id)
        } catch is DamagedImage {
            return [id]
        }
    }

    /// Deletes an image, and returns false if a writer saved it.
    private func delete(
        _ id: V1ImageID,
        in epoch: UInt64,
        _ report: inout CollectionReport
    ) async throws(StorageError) -> Bool {
        let judgment = try await ledger.judge(Condemnation(content: id.content, epoch: epoch), .delete)
        guard judgment.verdict == .delete else { return false }
        let byteCount = try await byteCount(of: id)
        var batch = WriteBatch()
        if rules.contains(.deletionDeadline) { batch.deadline = judgment.deadline }
        // First: without it there is no image.
        batch.remove(V1Layout.json(id))
        batch.discard(V1Layout.image(id))
        batch.remove(OwnLayout.layerRecord(id))
        batch.remove(OwnLayout.storedProjection(id))
        do throws(StorageError) { try await storage.commit(batch) } catch {
            // The next collection deletes what is left.
            if case .expired = error { return true }
            throw error
        }
        report.v1Images.add(byteCount)
        return true
    }

    /// The number of bytes freed by deleting an image: none if a blob shares its layer's file.
    func byteCount(of id: V1ImageID) async throws(StorageError) -> Int64 {
        guard let layer = try await storage.attributes(of: V1Layout.layer(id)) else { return 0 }
        guard storage.traits.sharesBytes,
            let bytes = try await storage.readNote(OwnLayout.layerRecord(id), limit: 64 << 10),
            let record = try? JSONFile.decoded(LayerRecord.self, from: bytes),
            let digest = try? Digest(parsing: record.digest),
            try await storage.attributes(of: V2Layout.blobData(digest))?.version == layer.version
        else { return layer.byteCount }
        return 0
    }
}
