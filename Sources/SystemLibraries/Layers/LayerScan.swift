internal import Synchronization

/// One pass over the bytes of a stored v1 layer, as they arrive: digest, DiffID, v1 checksum, and whether it is a layer.
///
/// A damage that is found on the way is kept for ``finish()`` and does not end the hashing of the stored bytes, so that
/// the caller can first see whether they are the bytes that were meant to be stored: ``storedBytes``.
/// The calls of one scan come one after the other, from whatever threads.
package final class LayerScan: Sendable {
    /// How far one call of ``update(_:producing:)`` came.
    package struct Step: Sendable {
        /// How many bytes were taken from the front.
        package let takenByteCount: Int
        /// Whether all were taken, and nothing more comes out of them.
        package let isDone: Bool
    }

    private let state: Mutex<LayerScanState>

    /// Starts with no byte.
    ///
    /// - Parameters:
    ///   - v1ImageJSON: The image's JSON, byte for byte, when the v1 checksum is asked for.
    ///   - isRecompressing: Whether a layer whose compression is neither none nor gzip is made gzip in the same pass:
    ///     ``takeRecompressed()``.
    ///   - tarsums: Which tarsums are asked for, each of which costs another hash.
    ///   - limits: How much work may go into the layer. What passes them is damage to ``finish()``; the stored bytes are
    ///     hashed to their end all the same.
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

    /// The tarsums of a layer that was found whole, and of the image's JSON: `tarsum+sha256:…`. Empty when none was asked
    /// for, or when the tar could not be read entry by entry.
    package var tarsums: [String] { state.withLock { $0.tarsums } }

    /// Takes the next bytes of the layer, whatever comes out of them.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while true {
            let step = update(rest, producing: .max)
            if step.isDone { return }
            rest.removeFirst(step.takenByteCount)
        }
    }

    /// Takes bytes of the layer from the front of `bytes` until about `outputByteCount` have come out of them: as much as
    /// one turn on a thread may do, since a kilobyte can hold gigabytes. The caller goes on with the bytes that were not
    /// taken, be it none, until ``Step/isDone``.
    package func update(_ bytes: UnsafeRawBufferPointer, producing outputByteCount: Int) -> Step {
        // As a span, which is Sendable, because a buffer pointer must not get behind the lock.
        let bytes = bytes.bytes
        return state.withLock { $0.update(bytes, producing: outputByteCount) }
    }

    /// What was made gzip since the last call. Empty for a layer that need not be, and when it was not asked for.
    package func takeRecompressed() -> [UInt8] { state.withLock { $0.takeRecompressed() } }

    /// The facts of all that ``takeRecompressed()`` brought; nil for a layer that need not be recompressed.
    package var recompressed: RecompressedFacts? { state.withLock { $0.recompressed } }

    /// The facts of the bytes so far. They hold for a damaged layer too.
    package var storedBytes: StoredBytesFacts { state.withLock { $0.storedBytes } }

    /// Ends the layer. Called once; only ``storedBytes``, ``tarsums``, ``takeRecompressed()`` and ``recompressed`` may follow.
    ///
    /// - Throws: The damage. One of the compressed data goes before one of the tar that came out of it.
    package func finish() throws(LayerDamage) -> LayerFacts {
        try state.withLock { (state) throws(LayerDamage) in try state.finish() }
    }
}
