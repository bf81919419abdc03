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

    private var entries: [PushPlace: Entry] = [:]

    /// A layer begins to arrive.
    func expect(_ key: ObjectKey, at place: PushPlace) { entries[place, default: Entry()].arriving.insert(key) }

    /// A layer has arrived, or will not.
    func record(_ key: ObjectKey, _ layer: PushedLayer?, at place: PushPlace) {
        entries[place]?.arriving.remove(key)
        if let layer { entries[place, default: Entry()].layers.append(layer) }
    }

    /// The layers of an image that have arrived, the latest first.
    func layers(at place: PushPlace) -> [PushedLayer] { entries[place]?.layers.reversed() ?? [] }

    /// Whether a layer is known: it has arrived, or is arriving.
    func knows(_ key: ObjectKey, at place: PushPlace) -> Bool {
        guard let entry = entries[place] else { return false }
        return entry.arriving.contains(key) || entry.layers.contains { $0.key == key }
    }

    /// A layer that had arrived is thrown away.
    func forget(_ key: ObjectKey, at place: PushPlace) { entries[place]?.layers.removeAll { $0.key == key } }

    /// All layers of an image that had arrived are thrown away.
    func forgetAll(of id: V1ImageID) {
        for place in entries.keys where place.image == id {
            entries[place]?.layers = []
            if entries[place]?.arriving.isEmpty == true { entries[place] = nil }
        }
    }

    /// Remembers a checksum that was worked out.
    func note(_ checksum: Digest, json: Digest, layer key: ObjectKey, at place: PushPlace) {
        guard let index = entries[place]?.layers.firstIndex(where: { $0.key == key }) else { return }
        entries[place]?.layers[index].checksums[json] = checksum
    }
}
