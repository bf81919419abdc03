internal import Synchronization

/// A single pass over the bytes of a stored v1 layer as they arrive. It determines digest, DiffID and v1 checksum, and
/// whether the layer is valid.
///
/// Damage is reported by ``finish()`` and does not stop the hashing of the stored bytes, so that the caller can first
/// check whether they are the intended bytes: ``storedBytes``. Calls must not overlap, but may come from any thread.
package final class LayerScan: Sendable {
    /// The progress of one call of ``update(_:producing:)``.
    package struct Step: Sendable {
        /// The number of bytes consumed.
        package let takenByteCount: Int
        /// Whether all bytes were consumed and no more output is pending.
        package let isDone: Bool
    }

    private let state: Mutex<LayerScanState>

    /// Starts a scan.
    ///
    /// - Parameters:
    ///   - v1ImageJSON: The image's exact JSON, if the v1 checksum is wanted.
    ///   - isRecompressing: Whether to recompress a layer that is neither uncompressed nor gzip to gzip in the same
    ///     pass: ``takeRecompressed()``.
    ///   - tarsums: The tarsums to compute; each costs another hash.
    ///   - limits: Limits on the work. ``finish()`` reports a violation as damage; the stored bytes are hashed to the
    ///     end regardless.
    package init(
        v1ImageJSON: [UInt8]? = nil,
        isRecompressing: Bool = false,
        tarsums: Set<TarSums.Version> = [],
        limits: LayerLimits = .none
    ) {
        self.state = Mutex(
            LayerScanState(
                v1ImageJSON: v1ImageJSON,
                isRecompressing: isRecompressing,
                tarsums: tarsums,
                limits: limits
            )
        )
    }

    /// The tarsums of a complete layer and the image's JSON: `tarsum+sha256:…`. Empty if none were requested, or if the
    /// tar could not be read entry by entry.
    package var tarsums: [String] { state.withLock { $0.tarsums } }

    /// Adds the next bytes of the layer, without a limit on the output.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while true {
            let step = update(rest, producing: .max)
            if step.isDone { return }
            rest.removeFirst(step.takenByteCount)
        }
    }

    /// Consumes bytes of the layer from the front of `bytes` until they have produced about `outputByteCount` bytes.
    /// This bounds the work of one job on a thread, since a kilobyte can expand to gigabytes. Call it again with the
    /// remaining bytes, even if there are none, until ``Step/isDone``.
    package func update(_ bytes: UnsafeRawBufferPointer, producing outputByteCount: Int) -> Step {
        // A span is Sendable; a buffer pointer cannot be passed into the lock.
        let bytes = bytes.bytes
        return state.withLock { $0.update(bytes, producing: outputByteCount) }
    }

    /// The recompressed bytes since the last call. Empty if recompression was not requested or not needed.
    package func takeRecompressed() -> [UInt8] { state.withLock { $0.takeRecompressed() } }

    /// The facts of all bytes returned by ``takeRecompressed()``; nil if the layer was not recompressed.
    package var recompressed: RecompressedFacts? { state.withLock { $0.recompressed } }

    /// The facts of the bytes so far, even for a damaged layer.
    package var storedBytes: StoredBytesFacts { state.withLock { $0.storedBytes } }

    /// Ends the layer. Call it once; only ``storedBytes``, ``tarsums``, ``takeRecompressed()`` and ``recompressed`` may
    /// follow.
    ///
    /// - Throws: The damage. Damage to the compressed data takes precedence over damage to the tar.
    package func finish() throws(LayerDamage) -> LayerFacts {
        try state.withLock { (state) throws(LayerDamage) in try state.finish() }
    }
}
