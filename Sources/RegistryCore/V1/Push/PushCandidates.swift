import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The JSONs and layers that were pushed for images that are not complete, on disk.
///
/// Until the checksum names the pair that was meant, every JSON and every layer that arrived is kept: two daemons that
/// push one image have layers whose gzip bytes differ, and neither may spoil the other's.
struct PushCandidates: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let ledger: PushLedger

    /// The most layers that are kept for one image: a client that tries again and again must not fill the disk.
    static let layerLimit = 16
    /// How many bytes are written to a file at once.
    private static let writeSize = 512 << 10

    init(storage: any ObjectStorage, ledger: PushLedger) {
        self.storage = storage
        self.tree = V1Tree(storage: storage)
        self.ledger = ledger
    }

    /// Keeps the JSON that stands in the tree before another one takes its place.
    func keep(json: ByteBuffer, of id: V1ImageID) async throws {
        let digest = Digest(.sha256, of: json.readableBytesView)
        try await storage.write(json, to: OwnLayout.pushedJSON(digest, of: id))
    }

    /// Every JSON that was pushed: the one in the tree first.
    func jsons(of id: V1ImageID) async throws -> [[UInt8]] {
        var all = try await tree.json(id).map { [Array(buffer: $0)] } ?? []
        for entry in try await storage.list(OwnLayout.pushedJSONs(of: id)) where !entry.isDirectory {
            let key = OwnLayout.pushedJSONs(of: id).appending(entry.name)
            guard let bytes = try await storage.read(key, limit: SmallFile.documentLimit) else { continue }
            if !all.contains(Array(buffer: bytes)) { all.append(Array(buffer: bytes)) }
        }
        return all
    }

    /// Every layer that has arrived whole, the latest first; those that a server before this one received are hashed.
    func layers(of id: V1ImageID, json: [UInt8]) async throws -> [PushedLayer] {
        for entry in try await storage.list(OwnLayout.pushedLayers(of: id)) where !entry.isDirectory {
            let key = OwnLayout.pushedLayers(of: id).appending(entry.name)
            guard await !ledger.knows(key, of: id), let reader = try await storage.open(key) else { continue }
            let scan = LayerScan(v1ImageJSON: json)
            try await reader.forEachChunk { bytes in bytes.withUnsafeReadableBytes { scan.update($0) } }
            let layer = PushedLayer(key: key, scan: scan, json: Digest(.sha256, of: json))
            await ledger.settle(key, layer, of: id)
        }
        return await ledger.layers(of: id)
    }

    /// The payload checksum of a pair: known from when the layer arrived, or worked out now.
    func checksum(of layer: PushedLayer, json: [UInt8], image id: V1ImageID) async throws -> Digest? {
        let jsonDigest = Digest(.sha256, of: json)
        if let known = layer.checksums[jsonDigest] { return known }
        guard let reader = try await storage.open(layer.key) else { return nil }
        var hash = StreamingDigest(.sha256)
        hash.update(json + [UInt8(ascii: "\n")])
        try await hash.update(reading: reader)
        await ledger.note(hash.digest(), json: jsonDigest, layer: layer.key, of: id)
        return hash.digest()
    }

    /// Receives a layer as it arrives: written and hashed at the same time, once.
    ///
    /// What came is thrown away when `body` fails: no checksum would name it.
    func receive<Body: AsyncSequence & Sendable>(_ body: Body, of id: V1ImageID, json: [UInt8]) async throws
    where Body.Element == ByteBuffer {
        let key = OwnLayout.pushedLayers(of: id).appending("\(UploadID())")
        await ledger.expect(key, of: id)
        do {
            let scan = LayerScan(v1ImageJSON: json)
            try await write(body, to: key, scan)
            let layer = PushedLayer(key: key, scan: scan, json: Digest(.sha256, of: json))
            let known = await ledger.layers(of: id)
            if known.contains(where: { $0.digest == layer.digest }) {
                try await storage.remove(key)
                await ledger.settle(key, nil, of: id)
            } else {
                await ledger.settle(key, layer, of: id)
            }
            if let oldest = known.last, known.count >= Self.layerLimit {
                await ledger.forget(oldest.key, of: id)
                try await storage.remove(oldest.key)
            }
        } catch {
            await ledger.settle(key, nil, of: id)
            try await storage.remove(key)
            throw error
        }
    }

    /// Throws away the JSONs and layers that were pushed for an image.
    func removeAll(of id: V1ImageID) async throws {
        await ledger.forgetAll(of: id)
        try await storage.removeAll(below: OwnLayout.pushedJSONs(of: id))
        try await storage.removeAll(below: OwnLayout.pushedLayers(of: id))
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
            var modified = try await storage.attributes(of: key)?.modified ?? 0
            for part in try await storage.list(key) {
                modified = max(modified, try await storage.attributes(of: key.appending(part.name))?.modified ?? 0)
            }
            let id = try? V1ImageID(parsing: entry.name)
            let isUnfinished = if let id { try await tree.isInProgress(id) } else { false }
            guard WallClock.now - modified > (isUnfinished ? age : min(age, OpenPushes.lifetime)) else { continue }
            if let id { await ledger.forgetAll(of: id) }
            try await storage.removeAll(below: key)
        }
    }

    private func write<Body: AsyncSequence & Sendable>(_ body: Body, to key: ObjectKey, _ scan: LayerScan) async throws
    where Body.Element == ByteBuffer {
        let writer = try await storage.append(to: key)
        do {
            var pending = ByteBuffer()
            for try await var bytes in body {
                if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
                guard pending.readableBytes >= Self.writeSize else { continue }
                try await flush(pending, to: writer, scan)
                pending.clear()
            }
            try await flush(pending, to: writer, scan)
            try await writer.close()
        } catch {
            try await writer.close()
            throw error
        }
    }

    private func flush(_ bytes: ByteBuffer, to writer: any ObjectWriter, _ scan: LayerScan) async throws {
        guard bytes.readableBytes > 0 else { return }
        async let written: Void = writer.append(bytes)
        bytes.withUnsafeReadableBytes { scan.update($0) }
        try await written
    }
}
