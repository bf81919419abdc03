import ImageModel
import Storage

/// The pushes of v1 images that go on: how many have begun, and what they have brought so far.
///
/// Requests carry no session. So a push is counted from its JSON to its checksum; of two daemons that push one image,
/// the one that comes second to its checksum has a push left over, and finishes it without effect.
actor PushLedger {
    private struct Entry {
        /// Pushes that have begun and not ended.
        var openCount = 0
        /// Layers that have arrived whole.
        var layers: [PushedLayer] = []
        /// Layers that are arriving.
        var arriving: Set<ObjectKey> = []
        /// When the image was completed, or last pushed to.
        var touched = ContinuousClock.now
        var isComplete = false
    }

    /// How long pushes that are left over are known after an image was completed.
    private static let lifetime = Duration.seconds(3600)

    private var entries: [V1ImageID: Entry] = [:]

    /// A push of an image begins.
    func begin(_ id: V1ImageID) {
        forgetOldEntries()
        var entry = entries[id] ?? Entry()
        entry.openCount += 1
        entry.isComplete = false
        entry.touched = .now
        entries[id] = entry
    }

    /// Whether there is a push of a complete image that began before it was complete.
    func hasLeftOver(_ id: V1ImageID) -> Bool { entries[id].map { $0.isComplete && $0.openCount > 0 } ?? false }

    /// One of the pushes that were left over ends; false when there is none.
    func endLeftOver(_ id: V1ImageID) -> Bool {
        guard hasLeftOver(id) else { return false }
        entries[id]?.openCount -= 1
        return true
    }

    /// A layer begins to arrive.
    func expect(_ key: ObjectKey, of id: V1ImageID) { entries[id, default: Entry()].arriving.insert(key) }

    /// A layer has arrived, or will not.
    func settle(_ key: ObjectKey, _ layer: PushedLayer?, of id: V1ImageID) {
        entries[id]?.arriving.remove(key)
        if let layer { entries[id, default: Entry()].layers.append(layer) }
    }

    /// The layers of an image that have arrived, the latest first.
    func layers(of id: V1ImageID) -> [PushedLayer] { entries[id]?.layers.reversed() ?? [] }

    /// Whether a layer is known: it has arrived, or is arriving.
    func knows(_ key: ObjectKey, of id: V1ImageID) -> Bool {
        guard let entry = entries[id] else { return false }
        return entry.arriving.contains(key) || entry.layers.contains { $0.key == key }
    }

    /// A layer that had arrived is thrown away.
    func forget(_ key: ObjectKey, of id: V1ImageID) { entries[id]?.layers.removeAll { $0.key == key } }

    /// Remembers a checksum that was worked out.
    func note(_ checksum: Digest, json: Digest, layer key: ObjectKey, of id: V1ImageID) {
        guard let index = entries[id]?.layers.firstIndex(where: { $0.key == key }) else { return }
        entries[id]?.layers[index].checksums[json] = checksum
    }

    /// The image is complete: one push has ended, and those that are left over have nothing to bring any more.
    func complete(_ id: V1ImageID) {
        var entry = entries[id] ?? Entry()
        entry.openCount = max(0, entry.openCount - 1)
        entry.isComplete = true
        entry.layers = []
        entry.touched = .now
        entries[id] = entry
    }

    private func forgetOldEntries() {
        let now = ContinuousClock.now
        entries = entries.filter { _, entry in !entry.isComplete || now - entry.touched < Self.lifetime }
    }
}
