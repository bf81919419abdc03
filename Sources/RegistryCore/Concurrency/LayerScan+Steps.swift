import NIOCore
import Storage
import SystemLibraries

extension LayerScan {
    /// Reads all bytes of a stored layer as ``HeavyWork``, when it is its turn.
    func read(_ reader: any ObjectReader) async throws {
        try await HeavyWork.reading(try await reader.detectCompression()) {
            try await reader.forEachChunk { try await take($0) }
        }
    }

    /// Adds the next bytes of the layer as ``HeavyWork``.
    ///
    /// - Parameter afterStep: Called whenever output may be available: ``takeRecompressed()``.
    func take(_ bytes: ByteBuffer, afterStep: () async throws -> Void = {}) async throws {
        try await HeavyWork.perform {
            var takenByteCount = 0
            while true {
                let step = bytes.withUnsafeReadableBytes { whole in
                    let rest = UnsafeRawBufferPointer(rebasing: whole[takenByteCount...])
                    return update(rest, producing: HeavyWork.stepByteCount)
                }
                takenByteCount += step.takenByteCount
                try await afterStep()
                if step.isDone { return }
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }
}

extension StreamingDigest {
    /// Adds the next bytes as ``HeavyWork``.
    mutating func take(_ bytes: ByteBuffer) async {
        await HeavyWork.perform { bytes.withUnsafeReadableBytes { update($0) } }
    }

    /// Hashes all bytes of an object, reading ahead in the meantime.
    mutating func update(reading reader: any ObjectReader) async throws {
        try await reader.forEachChunk { await take($0) }
    }
}
