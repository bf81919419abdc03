import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Makes a gzip blob of a layer whose compression no media type of Docker names (xz, lzma, bzip2, zstd).
struct Recompression: Sendable {
    let storage: any ObjectStorage
    let blobs: Blobs
    /// How much work one layer may be.
    let limits: LayerLimits

    /// Writes the layer's tar as gzip, reproducibly, and answers what a manifest says of it.
    func run(_ reader: any ObjectReader, _ compression: Compression) async throws -> Descriptor {
        let key = OwnLayout.staging.appending("\(UploadID())")
        do {
            let blob = try await write(reader, compression, to: key)
            try await blobs.adopt(key, blob.size, as: blob.digest, storedAs: blob.digest, discarding: [key])
            return blob
        } catch {
            try await storage.remove(key)
            throw error
        }
    }

    private func write(
        _ reader: any ObjectReader,
        _ compression: Compression,
        to key: ObjectKey
    ) async throws -> Descriptor {
        let writer = try await storage.append(to: key)
        do {
            let blob = try await HeavyWork.reading(compression) { try await write(reader, compression, to: writer) }
            try await writer.close()
            return blob
        } catch {
            try await writer.close()
            throw error
        }
    }

    private func write(
        _ reader: any ObjectReader,
        _ compression: Compression,
        to writer: any ObjectWriter
    ) async throws -> Descriptor {
        var compressor = try GzipCompressor()
        var hash = StreamingDigest(.sha256)
        var output = ByteBuffer()
        try await reader.decompress(compression, limits: limits) { tar in
            compressor.compress(tar) { output.writeBytes($0) }
        } afterStep: {
            output.withUnsafeReadableBytes { hash.update($0) }
            try await writer.append(output)
            output.clear()
        }
        compressor.finish { output.writeBytes($0) }
        output.withUnsafeReadableBytes { hash.update($0) }
        try await writer.append(output)
        return Descriptor(mediaType: .dockerLayerGzip, digest: hash.digest(), size: hash.byteCount)
    }
}
