import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Recompresses layers to gzip whose compression has no Docker media type (xz, lzma, bzip2, zstd).
struct Recompression: Sendable {
    let storage: any ObjectStorage
    let blobs: Blobs
    /// Limits on the work for one layer.
    let limits: LayerLimits

    /// Writes the layer's tar as gzip, reproducibly, and returns its descriptor.
    func run(_ reader: any ObjectReader, _ compression: Compression) async throws -> Descriptor {
        let staged = try await storage.stage(.scratch(isPromoted: true))
        do {
            let blob = try await HeavyWork.reading(compression) { try await write(reader, compression, to: staged) }
            try await blobs.adopt(staged, as: blob.digest, storedAs: blob.digest)
            return blob
        } catch {
            try await staged.discard()
            throw error
        }
    }

    private func write(
        _ reader: any ObjectReader,
        _ compression: Compression,
        to staged: any StagedObject
    ) async throws -> Descriptor {
        var compressor = try GzipCompressor()
        var hash = StreamingDigest(.sha256)
        var output = ByteBuffer()
        try await reader.decompress(compression, limits: limits) { tar in
            compressor.compress(tar) { output.writeBytes($0) }
        } afterStep: {
            output.withUnsafeReadableBytes { hash.update($0) }
            try await staged.append(output)
            output.clear()
        }
        compressor.finish { output.writeBytes($0) }
        output.withUnsafeReadableBytes { hash.update($0) }
        try await staged.append(output)
        return Descriptor(mediaType: .dockerLayerGzip, digest: hash.digest(), size: hash.byteCount)
    }
}
