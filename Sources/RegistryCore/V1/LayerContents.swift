import NIOCore
package import Storage
package import SystemLibraries

extension ObjectReader {
    /// Reads a layer entry by entry, whatever its compression.
    ///
    /// - Throws: ``LayerDamage`` or ``TarDamage`` for bytes that are no layer, or `StorageError`.
    package func forEachTarEvent(
        _ compression: Compression,
        _ handle: (TarEntryReader.Event) throws -> Void
    ) async throws {
        var decompressor = try Decompressor(compression)
        var entries = TarEntryReader()
        try await forEachChunk { bytes in
            try bytes.withUnsafeReadableBytes { input in
                try decompressor.decompress(input) { try entries.read($0, handle) }
            }
        }
        try decompressor.finish()
        try entries.finish()
    }

    /// How the layer is compressed, by its first bytes.
    package func detectCompression() async throws -> Compression {
        let prefix = try await read(at: 0, byteCount: Compression.prefixByteCount)
        return Compression.detected(inPrefix: Array(buffer: prefix))
    }

    /// The tarsums of a layer.
    func tarSums(_ compression: Compression) async throws -> TarSums {
        var sums = TarSums()
        try await forEachTarEvent(compression) { sums.take($0) }
        return sums
    }
}
