import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The JSONs and layers that were pushed for images that are not complete, on disk.
///
/// Until the checksum names the pair that was meant, every JSON and every layer that arrived is kept: two daemons that
/// push one image have layers whose gzip bytes differ, and neither may spoil the other's. What somebody pushes who may not
/// read everything is a matter between them and the server: see ``PushPlace``.
struct PushCandidates: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let ledger: PushLedger
    private let limits: LayerLimits

    /// The most layers that are kept for one image: a client that tries again and again must not fill the disk.
    static let layerLimit = 16
    /// The most JSONs that are kept for one image beside the latest, and how many bytes they may have together.
    static let jsonLimit = 8
    private static let jsonByteLimit: Int64 = 8 << 20
    /// For how many JSONs a layer is hashed: to name another one costs a client nothing.
    private static let checksumLimit = 16

    /// - Parameter limits: How much work one layer may be.
    init(tree: V1Tree, ledger: PushLedger, limits: LayerLimits) {
        self.limits = limits
        self.storage = tree.storage
        self.tree = tree
        self.ledger = ledger
    }

    /// The JSON with which an image was begun last: in the tree for those who may read everything.
    func json(at place: PushPlace) async throws -> ByteBuffer? {
        if place.pusher == nil { return try await tree.json(place.image) }
        return try await storage.read(OwnLayout.currentJSON(at: place), limit: SmallFile.documentLimit)
    }

    /// Begins an image, or begins it anew, beside what others push.
    func begin(_ json: ByteBuffer, at place: PushPlace) async throws {
        if let present = try await self.json(at: place), present != json { try await keep(json: present, at: place) }
        try await storage.write(json, to: OwnLayout.currentJSON(at: place), as: .cache)
    }

    /// Keeps a JSON before another one takes its place. Of too many the oldest go.
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

    /// Every JSON that was pushed: the latest first.
    func jsons(at place: PushPlace) async throws -> [[UInt8]] {
        var all = try await json(at: place).map { [Array(buffer: $0)] } ?? []
        for entry in try await storage.list(OwnLayout.pushedJSONs(at: place)) where !entry.isDirectory {
            let key = OwnLayout.pushedJSONs(at: place).appending(entry.name)
            guard let bytes = try await storage.read(key, limit: SmallFile.documentLimit) else { continue }
            if !all.contains(Array(buffer: bytes)) { all.append(Array(buffer: bytes)) }
        }
        return all
    }

    /// Every layer that has arrived whole, the latest first; those that a server before this one received are hashed.
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

    /// The payload checksum of a pair: known from when the layer arrived, or worked out now.
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

    /// A scan for a layer that arrives, started with the JSON that the image was begun with last, and the digest of that; nil
    /// where there is none. The JSON itself is not kept for as long as the layer takes to arrive.
    func scan(at place: PushPlace) async throws -> (LayerScan, json: Digest)? {
        try await DocumentScope.reading {
            guard let bytes = try await json(at: place).map({ Array(buffer: $0) }) else { return nil }
            return (LayerScan(v1ImageJSON: bytes, limits: limits.arriving), Digest(.sha256, of: bytes))
        }
    }

    /// Receives a layer as it arrives: written and hashed at the same time, once.
    ///
    /// What came is thrown away when `body` fails: no checksum would name it.
    ///
    /// - Parameters:
    ///   - scan: Started with the image's JSON: ``scan(at:)``.
    ///   - json: The digest of that.
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
                // Acknowledged, it outlives the process; it is durable with the checksum.
                try await staged.checkpoint(nil)
                await ledger.record(key, layer, at: place)
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

    /// Throws away the JSONs and layers that were pushed for an image, and not who has begun it.
    func removeAll(of id: V1ImageID) async throws {
        await ledger.forgetAll(of: id)
        for key in try await parts(of: id) { try await storage.removeAll(below: key) }
    }

    /// Where the JSONs and layers are that were pushed for an image.
    func parts(of id: V1ImageID) async throws -> [ObjectKey] {
        try await storage.list(OwnLayout.push(id)).filter(\.isDirectory).map { OwnLayout.push(id).appending($0.name) }
    }

    /// Throws away all that is known of the pushes of an image.
    func forget(_ id: V1ImageID) async throws {
        await ledger.forgetAll(of: id)
        try await storage.removeAll(below: OwnLayout.push(id))
    }

    /// Throws away what was pushed for images that nobody went on with, and what is known of pushes that nobody ended.
    ///
    /// - Parameter age: How long nobody went on with an image, in nanoseconds.
    func removeOld(age: Int64) async throws {
        for entry in try await storage.list(OwnLayout.pushes) where entry.isDirectory {
            let key = OwnLayout.pushes.appending(entry.name)
            let modified = try await lastChange(below: key)
            let id = try? V1ImageID(parsing: entry.name)
            let isUnfinished = if let id { try await tree.isInProgress(id) } else { false }
            guard WallClock.age(of: modified) > (isUnfinished ? age : min(age, OpenPushes.lifetime)) else { continue }
            if let id { await ledger.forgetAll(of: id) }
            try await storage.removeAll(below: key)
        }
    }

    /// When anything was last changed of what was pushed for an image. Where prefixes have no times, that of the objects
    /// in them tells.
    private func lastChange(below key: ObjectKey) async throws -> Int64 {
        var keys = [key]
        for part in try await storage.list(key) {
            let place = key.appending(part.name)
            keys.append(place)
            guard part.isDirectory, !storage.traits.prefixesHaveVersions else { continue }
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
