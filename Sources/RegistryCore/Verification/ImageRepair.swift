import ImageModel
import NIOCore
import Storage

/// Repairs the files of v1 images.
struct ImageRepair: Sendable {
    let context: VerificationContext
    let table: ImageTable

    private var storage: any ObjectStorage { context.storage }
    private var quarantine: Quarantine { Quarantine(storage: storage) }

    /// Replaces a layer by a blob with its bytes, or sets it aside and marks the image as unfinished.
    func repairLayer(_ key: ObjectKey) async throws -> String? {
        guard let id = V1Layout.image(of: key), let image = table.images[id] else { return nil }
        let isUnfinished = try await storage.attributes(of: V1Layout.inProgress(id)) != nil
        guard isUnfinished == image.isUnfinished else { return nil }
        let evidence = try await LayerEvidence(of: id, hasJSON: image.hasJSON, in: context)
        // An earlier repair may have marked the image. A push in progress has removed the checksum.
        guard !isUnfinished || (evidence.hasChecksum && image.hasJSON) else { return nil }
        let verdict = try await context.hasher.verdict(on: key, after: evidence.payloadPrefix) { content in
            if case .damaged = try await evidence.judge(content, in: context) { return false }
            return true
        }
        var batch = WriteBatch()
        var place: ObjectKey?
        let blob = try await soundBlob(evidence)
        switch verdict {
        case .sound, .unreadable: return nil
        case .absent: break
        case .damaged(let content):
            if blob == nil {
                place = quarantine.add(key, content.file.version, to: &batch)
            } else {
                let new = quarantine.place(for: key)
                batch.share(key, as: new)
                place = new
            }
        }
        if let blob {
            // docker-registry would write into the layer of an unfinished image.
            if isUnfinished { batch.remove(V1Layout.inProgress(id)) }
            batch.share(V2Layout.blobData(blob), as: key)
            // It describes the file that was there.
            batch.remove(OwnLayout.layerRecord(id))
        } else {
            // Clients push an image that is unfinished.
            guard !isUnfinished else { return nil }
            batch.put(ByteBuffer(string: "true"), at: V1Layout.inProgress(id))
        }
        try await storage.commit(batch)
        let aside = place.map { "; the damaged file is now \($0)" } ?? ""
        return (blob.map { "replaced by the blob \($0)" } ?? "marked as unfinished: push the image again") + aside
    }

    /// A blob with the bytes of a layer.
    private func soundBlob(_ evidence: LayerEvidence) async throws -> Digest? {
        for digest in evidence.candidates.sorted() {
            let key = V2Layout.blobData(digest)
            let verdict = try await context.hasher.verdict(on: key, after: evidence.payloadPrefix) {
                $0.digest == digest && evidence.proves($0)
            }
            if case .sound = verdict { return digest }
        }
        return nil
    }

    /// Sets a JSON aside and marks its image as unfinished, so that clients push the image again.
    func setAsideJSON(_ key: ObjectKey) async throws -> String? {
        guard let id = V1Layout.image(of: key), let image = table.images[id], !image.isUnfinished else { return nil }
        var batch = WriteBatch()
        var aside = ""
        // A push that repaired it has changed its version.
        if let file = try await storage.attributes(of: key), file.kind == .object {
            guard try await !isVerified(id) else { return nil }
            aside = "; the damaged file is now \(quarantine.add(key, file.version, to: &batch))"
        }
        // docker-registry would write into the layer of an unfinished image, which a blob may share.
        if let layer = try await context.tree.layerAttributes(id) {
            _ = quarantine.add(V1Layout.layer(id), layer.version, to: &batch)
        }
        batch.put(ByteBuffer(string: "true"), at: V1Layout.inProgress(id))
        try await storage.commit(batch)
        return "marked as unfinished: push the image again" + aside
    }

    /// Whether an image's JSON and layer have the stored checksum.
    private func isVerified(_ id: V1ImageID) async throws -> Bool {
        let evidence = try await LayerEvidence(of: id, hasJSON: true, in: context)
        guard let prefix = evidence.payloadPrefix else { return false }
        let verdict = try await context.hasher.verdict(on: V1Layout.layer(id), after: prefix) { evidence.proves($0) }
        if case .sound = verdict { return true }
        return false
    }

    /// Writes the checksum of a layer and JSON that Longshore verified.
    func repairChecksum(_ key: ObjectKey) async throws -> String? {
        guard let id = V1Layout.image(of: key) else { return nil }
        let evidence = try await LayerEvidence(of: id, hasJSON: table.images[id]?.hasJSON ?? false, in: context)
        guard let payload = try await evidence.verifiedChecksum(of: V1Layout.layer(id), in: context) else { return nil }
        let text = JSONValue.array([.string(payload.description)]).pythonEncoded()
        try await storage.write(ByteBuffer(bytes: text), to: key)
        return "computed again"
    }

    /// Writes an ancestry as the images' JSON gives it.
    func repairAncestry(_ key: ObjectKey) async throws -> String? {
        guard let id = V1Layout.image(of: key), case let (ids, isComplete) = table.chain(of: id), isComplete else {
            return nil
        }
        var ancestry: V1Ancestry?
        for id in ids.reversed() { ancestry = try V1Ancestry(of: id, below: ancestry) }
        guard let ancestry else { return nil }
        try await storage.write(ByteBuffer(bytes: ancestry.encoded), to: key)
        return "written again from the images' json"
    }
}
