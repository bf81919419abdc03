import ImageModel
import Storage

/// The layers that this process received for incomplete images.
actor PushLedger {
    private struct Entry {
        /// Complete layers.
        var layers: [PushedLayer] = []
        /// Layers still arriving.
        var arriving: Set<ObjectKey> = []
    }

    private var entries: [PushPlace: Entry] = [:]
    /// The places with layers that are only in memory.
    private(set) var unsaved: Set<PushPlace> = []
    private var isWaiting = false

    /// Notes that a layer begins to arrive.
    func expect(_ key: ObjectKey, at place: PushPlace) { entries[place, default: Entry()].arriving.insert(key) }

    /// Notes that a layer has arrived, or that it never will.
    ///
    /// - Parameter isSaved: Whether it is in a file.
    func record(_ key: ObjectKey, _ layer: PushedLayer?, isSaved: Bool = true, at place: PushPlace) {
        entries[place]?.arriving.remove(key)
        if !isSaved { unsaved.insert(place) }
        if let layer { entries[place, default: Entry()].layers.append(layer) }
    }

    /// The complete layers of an image, latest first.
    func layers(at place: PushPlace) -> [PushedLayer] { entries[place]?.layers.reversed() ?? [] }

    /// Whether a layer is known: it has arrived, or is arriving.
    func knows(_ key: ObjectKey, at place: PushPlace) -> Bool {
        guard let entry = entries[place] else { return false }
        return entry.arriving.contains(key) || entry.layers.contains { $0.key == key }
    }

    /// Forgets a complete layer that is being discarded.
    func forget(_ key: ObjectKey, at place: PushPlace) { entries[place]?.layers.removeAll { $0.key == key } }

    /// Forgets the complete layers of an image, which are being discarded.
    func forgetAll(of id: V1ImageID) {
        for place in entries.keys where place.image == id {
            unsaved.remove(place)
            entries[place]?.layers = []
            if entries[place]?.arriving.isEmpty == true { entries[place] = nil }
        }
    }

    /// Remembers a computed checksum.
    func note(_ checksum: Digest, json: Digest, layer key: ObjectKey, at place: PushPlace) {
        guard let index = entries[place]?.layers.firstIndex(where: { $0.key == key }) else { return }
        entries[place]?.layers[index].checksums[json] = checksum
    }

    /// Notes that the layers of a place are in files.
    func noteSaved(_ place: PushPlace) { unsaved.remove(place) }

    /// Whether a layer is only in memory and nobody waits to save it; the caller does from now on.
    func beginWaiting() -> Bool {
        guard !unsaved.isEmpty, !isWaiting else { return false }
        isWaiting = true
        return true
    }

    /// Notes that the caller no longer waits.
    func endWaiting() { isWaiting = false }
}
