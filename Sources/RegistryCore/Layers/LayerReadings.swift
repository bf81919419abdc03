import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Reads blobs that are layers, each only once.
struct LayerReadings: Sendable {
    private let storage: any ObjectStorage
    private let blobs: Blobs
    private let records: JSONFile
    private let transcoding: Transcoding
    private let limits: LayerLimits
    private let locks = KeyedLocks<Digest>()

    init(blobs: Blobs, transcoding: Transcoding, limits: LayerLimits) {
        self.storage = blobs.storage
        self.blobs = blobs
        self.records = JSONFile(storage: blobs.storage)
        self.transcoding = transcoding
        self.limits = limits
    }

    /// The schema2 descriptor of a layer, with its DiffID.
    ///
    /// - Throws: ``UnreadableLayer`` if the blob is missing or is not a layer.
    func layer(_ digest: Digest) async throws -> StoredLayer {
        try await locks.withLock(digest) {
            let key = OwnLayout.reading(of: digest)
            if let known = try await records.read(LayerReading.self, from: key)?.layer,
                try await blobs.contains(known.blob.digest)
            {
                return known
            }
            let reading = try await read(digest)
            try await records.write(reading, to: key)
            guard let layer = reading.layer else { throw UnreadableLayer(digest: digest, reason: "invalid digest") }
            return layer
        }
    }

    /// Recompresses a zstd layer to gzip.
    ///
    /// - Throws: ``UnreadableLayer``.
    func gzip(_ digest: Digest) async throws -> Descriptor {
        guard let reader = try await blobs.open(digest) else {
            throw UnreadableLayer(digest: digest, reason: "it is missing")
        }
        return try await gzip(digest, reader, .zstd)
    }

    private func read(_ digest: Digest) async throws -> LayerReading {
        if digest == EmptyLayer.digest { try await blobs.write(ByteBuffer(bytes: EmptyLayer.bytes), as: digest) }
        guard let reader = try await blobs.open(digest) else {
            throw UnreadableLayer(digest: digest, reason: "it is missing")
        }
        let scan = LayerScan(limits: limits)
        try await scan.read(reader)
        let facts: LayerFacts
        do { facts = try scan.finish() } catch { throw UnreadableLayer(digest: digest, reason: "\(error)") }
        let blob: Descriptor
        switch facts.compression {
        case .none: blob = Descriptor(mediaType: .dockerLayerTar, digest: digest, size: facts.byteCount)
        case .gzip: blob = Descriptor(mediaType: .dockerLayerGzip, digest: digest, size: facts.byteCount)
        case .zstd, .bzip2, .xz, .lzma: blob = try await gzip(digest, reader, facts.compression)
        }
        return LayerReading(facts, blob: blob)
    }

    private func gzip(
        _ digest: Digest,
        _ reader: any ObjectReader,
        _ compression: Compression
    ) async throws -> Descriptor {
        let gzip = try await transcoding.gzip(of: digest, reader, compression)
        let byteCount = try await storage.attributes(of: V2Layout.blobData(gzip))?.byteCount ?? 0
        return Descriptor(mediaType: .dockerLayerGzip, digest: gzip, size: byteCount)
    }
}

/// The error for an unreadable layer that a conversion needs.
struct UnreadableLayer: Error, Equatable, CustomStringConvertible {
    let digest: Digest
    let reason: String

    var description: String { "cannot read its layer \(digest): \(reason)" }
}
