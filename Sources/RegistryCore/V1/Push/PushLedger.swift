import ImageModel
import Storage

/// The layers that were pushed for images that are not complete: what is known of those that this process received.
actor PushLedger {
    private struct Entry {
        /// Layers that have arrived whole.
        var layers: [PushedLayer] = []
        /// Layers that are arriving.
        var arriving: Set<ObjectKey> = []
    }

    private var entries: [V1ImageID: Entry] = [:]

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

    /// All layers of an image that had arrived are thrown away.
    func forgetAll(of id: V1ImageID) {
        entries[id]?.layers = []
        if entries[id]?.arriving.isEmpty == true { entries[id] = nil }
    }

    /// Remembers a checksum that was worked out.
    func note(_ checksum: Digest, json: Digest, layer key: ObjectKey, of id: V1ImageID) {
        guard let index = entries[id]?.layers.firstIndex(where: { $0.key == key }) else { return }
        entries[id]?.layers[index].checksums[json] = checksum
    }
}
