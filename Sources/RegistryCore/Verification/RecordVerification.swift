import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Verifies Longshore's own records.
struct RecordVerification: Sendable {
    let context: VerificationContext
    let known: KnownContent
    let table: ImageTable

    private var storage: any ObjectStorage { context.storage }

    /// The prefixes of records that are verified. Others are unfinished content, marks without content, or opaque.
    private static let roots = [
        OwnLayout.layerRecords, OwnLayout.root.appending("tags"), OwnLayout.root.appending("origins"),
        OwnLayout.root.appending("projections"), OwnLayout.derivedContent, OwnLayout.damagedBlobs,
    ]

    /// Verifies all records, and returns their number.
    func run() async throws -> Int {
        var count = 0
        try await context.confirm { try await signingKey() }
        for (index, root) in Self.roots.enumerated() {
            try await storage.forEachObject(below: root) { some in
                count += some.count
                try await context.confirm { try await check(some) }
            }
            context.progress.reach(index + 1, of: Self.roots.count)
        }
        return count
    }

    private func signingKey() async throws -> [DamageFinding] {
        let key = OwnLayout.signingKey
        switch try await storage.results(of: [key], limit: 64 << 10)[0] {
        case .success(nil): return []
        case .failure(let error): return [context.unreadable(key, error, as: .damagedRecord)]
        case .success(let pem?):
            do throws(KeyError) { _ = try P256PrivateKey(pem: Array(buffer: pem)) } catch {
                return [DamageFinding(.damagedRecord, key, "\(error)")]
            }
            return []
        }
    }

    private func check(_ keys: [ObjectKey]) async throws -> [DamageFinding] {
        var found: [DamageFinding] = []
        try await context.documents(keys.map { ($0, $0) }, limit: Manifests.signedByteLimit) { key, result in
            switch result {
            case .success(nil): break
            case .failure(let error): found.append(context.unreadable(key, error, as: .damagedRecord))
            case .success(let bytes?): if let finding = try await check(key, bytes) { found.append(finding) }
            }
        }
        return found
    }

    private func check(_ key: ObjectKey, _ bytes: ByteBuffer) async throws -> DamageFinding? {
        let parts = key.description.split(separator: "/").dropFirst().map(String.init)
        let text = String(buffer: bytes)
        let isSound: Bool
        switch parts.first {
        case "images": return try await checkLayerRecord(key, bytes)
        case "tags": isSound = TagJoiner.record(in: bytes) != nil
        case "origins": isSound = (try? V1ImageID(parsing: text)) != nil
        case "projections": isSound = (try? Digest(parsing: text)) != nil
        case "damaged": isSound = BlobChecks.isRecord(bytes)
        default: return try await checkDerived(key, Array(parts.dropFirst()), bytes)
        }
        return isSound ? nil : DamageFinding(.damagedRecord, key, "it is malformed")
    }

    private func checkDerived(_ key: ObjectKey, _ parts: [String], _ bytes: ByteBuffer) async throws -> DamageFinding? {
        let damage = DamageFinding(.damagedRecord, key, "it is malformed")
        switch (parts.first, parts.last) {
        case ("readings", _):
            return (try? JSONFile.decoded(LayerReading.self, from: bytes))?.layer == nil ? damage : nil
        case ("layers", _), ("forms", _):
            guard let target = try? Digest(parsing: String(buffer: bytes)) else { return damage }
            guard parts.first == "layers", try await storage.exist([V2Layout.blobData(target)]) == [false] else {
                return nil
            }
            return DamageFinding(.staleRecord, key, "it names the blob \(target), which is not stored")
        case ("manifests", "data"):
            guard let digest = OwnLayout.digest(ofDerived: key) else { return nil }
            let manifest = Array(buffer: bytes)
            if Digest(.sha256, of: manifest) == digest { return nil }
            // The digest of schema1 is that of its payload.
            if (try? SignedSchema1(verifying: manifest))?.digest == digest { return nil }
            return DamageFinding(.damagedRecord, key, "its bytes do not have the digest \(digest)")
        default:
            guard let source = DerivedSource(parsing: String(buffer: bytes)) else { return damage }
            return DerivedSources.file(of: source, below: key.parent.parent) == key ? nil : damage
        }
    }

    private func checkLayerRecord(_ key: ObjectKey, _ bytes: ByteBuffer) async throws -> DamageFinding? {
        guard let record = try? JSONFile.decoded(LayerRecord.self, from: bytes), record.parsedDiffID != nil,
            record.descriptor != nil, (try? Digest(parsing: record.digest)) != nil
        else { return DamageFinding(.damagedRecord, key, "it is malformed") }
        // The collector removes records of images that are gone. Those of damaged images say what they were.
        guard let id = try? V1ImageID(parsing: key.name), let image = table.images[id], image.hasJSON,
            !image.isUnfinished, !known.isDamaged(id), let file = try await context.tree.layerAttributes(id)
        else { return nil }
        let stored = try await storage.results(of: [V1Layout.json(id)], limit: SmallFile.documentLimit)[0]
        guard case .success(let json) = stored.map({ $0.map { "\(Digest(.sha256, of: $0.readableBytesView))" } }) else {
            return nil
        }
        let digest = known.digest(ofLayer: id)?.description
        if record.source.describes(file), record.source.json == json, digest == nil || record.digest == digest {
            return nil
        }
        return DamageFinding(.staleRecord, key, "it describes another layer or json than the image has")
    }
}

extension ObjectStorage {
    /// Passes all objects below a prefix to `body`, some at a time.
    func forEachObject(below prefix: ObjectKey, _ body: ([ObjectKey]) async throws -> Void) async throws {
        var waiting = [prefix]
        while let key = waiting.popLast() {
            var last: String?
            while true {
                try Task.checkCancellation()
                let page = try await list(key, after: last, limit: CollectionWalk.stepCount)
                guard let end = page.last else { break }
                last = end.name
                let objects = page.filter { !$0.isDirectory }.map { key.appending($0.name) }
                if !objects.isEmpty { try await body(objects) }
                waiting += page.filter(\.isDirectory).map { key.appending($0.name) }
            }
        }
    }
}
