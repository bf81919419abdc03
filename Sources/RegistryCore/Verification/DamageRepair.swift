import ImageModel
import NIOCore
import Storage

/// Repairs damage with what the other layout has, and sets aside corrupt files that it cannot repair.
///
/// Everything is verified again first: the damage may have been repaired by a push since it was found.
struct DamageRepair: Sendable {
    let context: VerificationContext
    let known: KnownContent
    let table: ImageTable
    let bridge: TagBridge
    private let layers: [Digest: V1ImageID]

    init(
        _ context: VerificationContext,
        known: KnownContent,
        table: ImageTable,
        bridge: TagBridge
    ) {
        self.context = context
        self.known = known
        self.table = table
        self.bridge = bridge
        layers = known.imagesByLayer
    }

    private var storage: any ObjectStorage { context.storage }
    private var quarantine: Quarantine { Quarantine(storage: storage) }
    private var images: ImageRepair { ImageRepair(context: context, table: table) }

    /// Repairs what it can, and returns the findings with what was done.
    func run(_ findings: [DamageFinding]) async throws -> [DamageFinding] {
        var repaired = findings
        // Bytes first: what points to them is repaired only if they are sound.
        for isOfBytes in [true, false] {
            for index in repaired.indices where repaired[index].kind.isOfBytes == isOfBytes {
                try Task.checkCancellation()
                do { repaired[index].repair = try await repair(repaired[index]) } catch let error as StorageError {
                    if case .changed = error { continue }
                    guard error.isOfOneFile else { throw error }
                }
            }
        }
        return repaired
    }

    private func repair(_ finding: DamageFinding) async throws -> String? {
        guard let key = finding.object else { return nil }
        switch finding.kind {
        case .damagedBlob: return try await repairBlob(key)
        case .missingBlob: return try await restoreBlob(key)
        case .damagedLayer, .missingLayer: return try await images.repairLayer(key)
        case .damagedChecksum: return try await images.repairChecksum(key)
        case .damagedAncestry: return try await images.repairAncestry(key)
        case .damagedLink, .missingLink, .missingManifest: return try await repairLink(key)
        case .damagedTag, .danglingTag:
            return try await TagRepair(context: context, joiner: bridge.joiner, locks: bridge.locks).repair(
                key,
                finding.kind
            )
        case .damagedSignature:
            try await storage.remove(key)
            return "removed: the manifest is signed again when it is requested"
        case .damagedRecord, .staleRecord: return try await repairRecord(key)
        case .damagedJSON: return try await images.setAsideJSON(key)
        case .missingParent:
            guard let id = V1Layout.image(of: key), table.images[id] == nil,
                try await bridge.projections.materialize(id)
            else { return nil }
            return "written from its v2 image"
        case .danglingLink, .damagedList, .unreadable: return nil
        }
    }

    private func repairBlob(_ key: ObjectKey) async throws -> String? {
        guard let digest = V2Layout.digest(ofBlob: key),
            case .damaged(let content) = try await context.hasher.verdict(on: digest)
        else { return nil }
        var batch = WriteBatch()
        let source = try await soundLayer(digest)
        let place: ObjectKey
        if let source {
            place = quarantine.place(for: key)
            batch.share(key, as: place)
            batch.share(V1Layout.layer(source), as: key)
        } else {
            place = quarantine.add(key, content.file.version, to: &batch)
        }
        batch.remove(OwnLayout.damagedBlob(digest))
        try await storage.commit(batch)
        if let source { return "replaced by the layer of image \(source); the damaged file is now \(place)" }
        return "set aside as \(place): push it again"
    }

    private func restoreBlob(_ key: ObjectKey) async throws -> String? {
        guard let digest = V2Layout.digest(ofBlob: key), let source = try await soundLayer(digest) else { return nil }
        var batch = WriteBatch()
        batch.share(V1Layout.layer(source), as: key)
        try await storage.commit(batch)
        return "restored from the layer of image \(source)"
    }

    /// A v1 image whose layer has this digest now.
    private func soundLayer(_ digest: Digest) async throws -> V1ImageID? {
        guard let id = layers[digest] else { return nil }
        let verdict = try await context.hasher.verdict(on: V1Layout.layer(id)) { $0.digest == digest }
        if case .sound = verdict { return id }
        return nil
    }

    /// Writes the link that a key's path names, if the bytes are sound.
    private func repairLink(_ key: ObjectKey) async throws -> String? {
        guard let digest = V2Layout.digest(ofLink: key) else { return nil }
        return try await context.relink(digest, at: key) ? "linked again" : nil
    }

    private func repairRecord(_ key: ObjectKey) async throws -> String? {
        // Clients and tokens depend on the key: only the operator can decide.
        guard key != OwnLayout.signingKey else { return nil }
        if key.name == "data", OwnLayout.digest(ofDerived: key) != nil {
            try await storage.removeAll(below: key.parent)
        } else {
            try await storage.remove(key)
        }
        return "removed: it is created again when it is needed"
    }
}

extension DamageFinding.Kind {
    /// Whether the bytes of blobs and layers are concerned, rather than what points to them.
    fileprivate var isOfBytes: Bool {
        switch self {
        case .damagedBlob, .missingBlob, .damagedLayer, .missingLayer: true
        case .missingManifest, .damagedLink, .missingLink, .danglingLink, .damagedTag, .danglingTag, .damagedSignature,
            .damagedJSON, .missingParent, .damagedAncestry, .damagedChecksum, .damagedList, .damagedRecord,
            .staleRecord, .unreadable:
            false
        }
    }
}

extension VerificationContext {
    /// Makes a link contain a digest if its bytes are stored and sound, and returns whether they are.
    func relink(_ digest: Digest, at key: ObjectKey) async throws -> Bool {
        guard case .sound(let content) = try await hasher.verdict(on: digest) else { return false }
        var batch = WriteBatch()
        batch.link(digest, at: key)
        batch.require(V2Layout.blobData(digest), byteCount: content.file.byteCount)
        try await storage.commit(batch)
        return true
    }
}

extension V2Layout {
    /// The digest that a link's path names: of a layer, a manifest, or a manifest that a tag has pointed to.
    static func digest(ofLink key: ObjectKey) -> Digest? {
        let parts = key.description.split(separator: "/")
        guard isLink(key), parts.count >= 3, !parts.contains("tarsum"),
            let algorithm = Digest.Algorithm(rawValue: String(parts[parts.count - 3]))
        else { return nil }
        return try? Digest(algorithm, hex: parts[parts.count - 2])
    }
}
