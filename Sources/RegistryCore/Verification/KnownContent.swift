import ImageModel
import Storage
import Synchronization

/// What a verification knows of files that were read, so that a file with several names is read once.
final class KnownContent: Sendable {
    private struct State {
        var digests: [ObjectVersion: Digest] = [:]
        var layers: [V1ImageID: Digest] = [:]
        var damagedBlobs: Set<Digest> = []
        var damagedImages: Set<V1ImageID> = []
    }

    private let state = Mutex(State())

    /// Records the digest of a file that was read.
    func note(_ digest: Digest, of file: ObjectVersion) { state.withLock { $0.digests[file] = digest } }

    /// The digest of a file that was read before.
    func digest(of file: ObjectVersion) -> Digest? { state.withLock { $0.digests[file] } }

    /// Records the digest of a sound layer.
    func note(_ digest: Digest, ofLayer id: V1ImageID) { state.withLock { $0.layers[id] = digest } }

    /// The digest of an image's layer, if it is sound.
    func digest(ofLayer id: V1ImageID) -> Digest? { state.withLock { $0.layers[id] } }

    /// The images with sound layers, by the digests of their layers.
    var imagesByLayer: [Digest: V1ImageID] {
        state.withLock { state in Dictionary(state.layers.map { ($1, $0) }) { first, _ in first } }
    }

    /// Records that a blob is damaged.
    func note(damaged digest: Digest) { state.withLock { _ = $0.damagedBlobs.insert(digest) } }

    /// Whether a blob is damaged.
    func isDamaged(_ digest: Digest) -> Bool { state.withLock { $0.damagedBlobs.contains(digest) } }

    /// Records that an image's layer or checksum is damaged.
    func note(damaged id: V1ImageID) { state.withLock { _ = $0.damagedImages.insert(id) } }

    /// Whether an image's layer or checksum is damaged.
    func isDamaged(_ id: V1ImageID) -> Bool { state.withLock { $0.damagedImages.contains(id) } }
}
