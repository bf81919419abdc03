import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The JSONs and layers that were pushed for incomplete images, on disk.
///
/// Until a checksum selects a pair, every JSON and layer that arrived is kept: two daemons that push one image send
/// layers with different gzip bytes, and neither may spoil the other's push. Content pushed by a caller with restricted
/// read access is kept separately: see ``PushPlace``.
struct PushCandidates: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let ledger: PushLedger
    private let limits: LayerLimits

    /// The maximum number of layers kept for one image, so that a client that keeps retrying does not fill the disk.
    static let layerLimit = 16
    /// The maximum number of JSONs kept for one image besides the latest, and their maximum size in total.
    static let jsonLimit = 8
    private static let jsonByteLimit: Int64 = 8 << 20
    /// The maximum number of JSONs for which one layer is hashed: sending another one costs a client nothing.
    private static let checksumLimit = 16
    /// Larger layers are written to files at once.
    private static let unsavedByteCount: Int64 = 64 << 10

    /// How long the content of an unfinished image is kept, in nanoseconds: one week.
    private static let unfinishedLifetime: Int64 = 7 * 86_400 * 1_000_000_000

    /// - Parameter limits: The limits on the work for one layer.
    init(tree: V1Tree, ledger: PushLedger, limits: LayerLimits) {
        self.limits = limits
        self.storage = tree.storage
        self.tree = tree
        self.ledger = ledger
    }

    /// The JSON with which an image was last begun. For callers with unrestricted read access it is in the tree.
    func json(at place: PushPlace) async throws -> ByteBuffer? {
        if place.pusher == nil { return try await tree.json(place.image) }
        return try await storage.read(OwnLayout.currentJSON(at: place), limit: SmallFile.documentLimit)
    }

    /// Begins or restarts an image, separately from the pushes of others.
    func begin(_ json: ByteBuffer, at place: PushPlace) async throws {
        if let present = try await self.json(at: place), present != json { try await keep(json: present, at: place) }
        try await storage.write(json, to: OwnLayout.currentJSON(at: place), as: .cache)
    }

    /// Keeps a JSON that is about to be replaced. The oldest beyond the limits are removed.
    func keep(json: ByteBuffer, at place: PushPlace) async throws {
        let digest = Digest(.sha256, of: json.readableBytesView)
        try await storage.write(json, to: OwnLayout.pushedJSON(digest, at: place), as: .cache)
        let keys = try await storage.list(OwnLayout.pushedJSONs(at: place)).map {
            OwnLayout.pushedJSONs(at: place).appending($0.name)
        }
        let kept = zip(keys, try await storage.attributes(of: keys))
            .compactMap { key, attributes in attributes.map { (key: key, attributes: $0) } }
            .sorted { $0.attributes.modified > $1.attributes.modified }
        var byteCount: Int64 = 0
        for (index, json) in kept.enumerated() {
            byteCount += json.attributes.byteCount
            if index >= Self.jsonLimit || byteCount > Self.jsonByteLimit { try await storage.remove(json.key) }
        }
    }

    /// Every JSON that was pushed, the latest first.
    func jsons(at place: PushPlace) async throws -> [[UInt8]] {
        var all = try await json(at: place).map { [Array(buffer: $0)] } ?? []
        for entry in try await storage.list(OwnLayout.pushedJSONs(at: place)) where !entry.isDirectory {
            let key = OwnLayout.pushedJSONs(at: place).appending(entry.name)
            guard let bytes = try await storage.read(key, limit: SmallFile.documentLimit) else { continue }
            if !all.contains(Array(buffer: bytes)) { all.append(Array(buffer: bytes)) }
        }
        return all
    }

    /// Every complete layer, latest first. Layers that an earlier process received are hashed now.
    func layers(at place: PushPlace, json: [UInt8]) async throws -> [PushedLayer] {
        for entry in try await storage.list(OwnLayout.pushedLayers(at: place)) where !entry.isDirectory {
            let key = OwnLayout.pushedLayers(at: place).appending(entry.name)
            guard await !ledger.knows(key, at: place), let staged = try await storage.resume(StagingToken(data: key))
            else { continue }
            let scan = LayerScan(v1ImageJSON: json, limits: limits)
            try await scan.read(try await staged.reader())
            let layer = PushedLayer(staged, scan: scan, json: Digest(.sha256, of: json))
            await ledger.record(key, layer, at: place)
        }
        return await ledger.layers(at: place)
    }

    /// The payload checksum of a pair, computed now unless known. Nil if the layer was hashed for too many JSONs.
    func checksum(of layer: PushedLayer, json: [UInt8], at place: PushPlace) async throws -> Digest? {
        let jsonDigest = Digest(.sha256, of: json)
        if let known = layer.checksums[jsonDigest] { return known }
        guard layer.checksums.count < Self.checksumLimit else { return nil }
        var hash = StreamingDigest(.sha256)
        hash.update(json + [UInt8(ascii: "\n")])
        try await hash.update(reading: try await layer.staged.reader())
        await ledger.note(hash.digest(), json: jsonDigest, layer: layer.key, at: place)
        return hash.digest()
    }

    /// A scan for an arriving layer, started with the image's latest JSON, and the digest of that JSON; nil if there is
    /// none. The JSON itself is not kept in memory while the layer arrives.
    func scan(at place: PushPlace) async throws -> (LayerScan, json: Digest)? {
        try await DocumentScope.reading {
            guard let bytes = try await json(at: place).map({ Array(buffer: $0) }) else { return nil }
            return (LayerScan(v1ImageJSON: bytes, limits: limits.arriving), Digest(.sha256, of: bytes))
        }
    }

    /// Receives a layer, writing and hashing it in one pass.
    ///
    /// If `body` fails, the received bytes are discarded: no checksum would match them. A small layer stays in memory
    /// until ``save(at:)``, unless another process may receive its checksum: it usually arrives a moment later, and
    /// files and directories that exist only until then cost more than everything else.
    ///
    /// - Parameters:
    ///   - scan: A scan started with the image's JSON: ``scan(at:)``.
    ///   - json: The digest of that JSON.
    func receive<Body: AsyncSequence & Sendable>(
        _ body: Body,
        at place: PushPlace,
        _ scan: LayerScan,
        json: Digest
    ) async throws where Body.Element == ByteBuffer {
        let key = OwnLayout.pushedLayers(at: place).appending("\(UploadID())")
        let staged = try await storage.stage(.resumable(StagingToken(data: key)))
        await ledger.expect(key, at: place)
        do {
            try await write(body, to: staged, scan)
            let layer = PushedLayer(staged, scan: scan, json: json)
            let known = await ledger.layers(at: place)
            if known.contains(where: { $0.digest == layer.digest }) {
                try await staged.discard()
                await ledger.record(key, nil, at: place)
            } else {
                let isSaved = storage.traits.isShared || staged.byteCount > Self.unsavedByteCount
                if isSaved { try await staged.checkpoint(nil) }
                await ledger.record(key, layer, isSaved: isSaved, at: place)
            }
            if let oldest = known.last, known.count >= Self.layerLimit {
                await ledger.forget(oldest.key, at: place)
                try await oldest.staged.discard()
            }
        } catch {
            await ledger.record(key, nil, at: place)
            try await staged.discard()
            throw error
        }
    }

    /// Writes layers that are only in memory to files, so that they survive a restart. They become durable with the
    /// checksum. The caller holds the image's lock.
    func save(at place: PushPlace) async throws {
        for layer in await ledger.layers(at: place) { try await layer.staged.checkpoint(nil) }
        await ledger.noteSaved(place)
    }

    /// Removes the JSONs and layers that were pushed for an image, but not the record of the callers that began it.
    func removeAll(of id: V1ImageID) async throws {
        await ledger.forgetAll(of: id)
        for key in try await parts(of: id) { try await storage.removeAll(below: key) }
    }

    /// The prefixes of the JSONs and layers that were pushed for an image.
    func parts(of id: V1ImageID) async throws -> [ObjectKey] {
        try await storage.list(OwnLayout.push(id)).filter(\.isDirectory).map { OwnLayout.push(id).appending($0.name) }
    }

    /// Removes everything recorded about the pushes of an image.
    func forget(_ id: V1ImageID) async throws {
        await ledger.forgetAll(of: id)
        try await storage.removeAll(below: OwnLayout.push(id))
    }

    /// Removes what is left of abandoned pushes: the content for unfinished images, and the records of complete ones.
    ///
    /// - Parameters:
    ///   - now: The storage's time, in nanoseconds since 1970.
    ///   - locks: The images' locks: a client may be about to begin one again.
    func removeOld(now: Int64, locking locks: KeyedLocks<V1ImageID>) async throws {
        for entry in try await storage.list(OwnLayout.pushes) where entry.isDirectory {
            guard let id = try? V1ImageID(parsing: entry.name) else {
                try await removeIfOld(OwnLayout.pushes.appending(entry.name), of: nil, now: now)
                continue
            }
            try await locks.withLock(id) { try await removeIfOld(OwnLayout.push(id), of: id, now: now) }
        }
    }

    private func removeIfOld(_ key: ObjectKey, of id: V1ImageID?, now: Int64) async throws {
        let modified = try await lastChange(below: key)
        let isUnfinished = if let id { try await tree.isInProgress(id) } else { false }
        let limit = isUnfinished ? Self.unfinishedLifetime : OpenPushes.lifetime
        guard WallClock.age(of: modified, now: now) > limit else { return }
        if let id { await ledger.forgetAll(of: id) }
        try await storage.removeAll(below: key)
    }

    /// The time of the last change to anything pushed for an image. Prefixes may have no times of their own.
    private func lastChange(below key: ObjectKey) async throws -> Int64 {
        var keys = [key]
        for part in try await storage.list(key) {
            let place = key.appending(part.name)
            keys.append(place)
            guard part.isDirectory else { continue }
            keys += try await storage.list(place).map { place.appending($0.name) }
        }
        return try await storage.attributes(of: keys).compactMap { $0?.modified }.max() ?? 0
    }

    private func write<Body: AsyncSequence & Sendable>(
        _ body: Body,
        to staged: any StagedObject,
        _ scan: LayerScan
    ) async throws where Body.Element == ByteBuffer {
        try await body.forEachPiece { bytes in
            if bytes.readableBytes <= HeavyWork.smallDocumentByteCount {
                try await staged.append(bytes)
                return try await scan.take(bytes)
            }
            async let written: Void = staged.append(bytes)
            try await scan.take(bytes)
            try await written
        }
    }
}
