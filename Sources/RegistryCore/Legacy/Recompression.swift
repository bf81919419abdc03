import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Makes a gzip blob of a layer whose compression no media type of Docker names (xz, lzma, bzip2, zstd).
struct Recompression: Sendable {
    let storage: any ObjectStorage
    let blobs: Blobs

    /// Writes the layer's tar as gzip, reproducibly, and answers what a manifest says of it.
    func run(_ reader: any ObjectReader, _ compression: Compression) async throws -> Descriptor {
        let key = OwnLayout.staging.appending("\(UploadID())")
        do {
            let blob = try await write(reader, compression, to: key)
            try await blobs.adopt(key, as: blob.digest)
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
            var decompressor = try Decompressor(compression)
            var compressor = try GzipCompressor()
            var hash = StreamingDigest(.sha256)
            try await reader.forEachChunk { bytes in
                var output = ByteBuffer()
                try bytes.withUnsafeReadableBytes { input in
                    try decompressor.decompress(input) { tar in
                        compressor.compress(tar) { output.writeBytes($0) }
                    }
                }
                output.withUnsafeReadableBytes { hash.update($0) }
                try await writer.append(output)
            }
            try decompressor.finish()
            var output = ByteBuffer()
            compressor.finish { output.writeBytes($0) }
            output.withUnsafeReadableBytes { hash.update($0) }
            try await writer.append(output)
            try await writer.close()
            return Descriptor(mediaType: .dockerLayerGzip, digest: hash.digest(), size: hash.byteCount)
        } catch {
            try await writer.close()
            throw error
        }
    }
}
