import ImageModel

/// The `index.json` of an OCI image layout, with its images by name.
///
/// OCI Image Specification 1.1, "Image Layout", section "index.json file".
struct LayoutIndex: Sendable {
    /// An image of the layout.
    struct Entry: Sendable, Equatable {
        let manifest: Descriptor
        /// The annotation `org.opencontainers.image.ref.name`: `repository:tag`.
        let name: String?
        /// The entry's text as read from the file; nil for a new entry.
        let text: [UInt8]?
    }

    /// In file order.
    private(set) var entries: [Entry] = []
    private static let nameKey = "org.opencontainers.image.ref.name"

    /// An index without images.
    init() {}

    /// Parses `index.json`, which another program may have written.
    ///
    /// - Throws: ``MalformedLayoutIndex``.
    init(parsing bytes: [UInt8]) throws(MalformedLayoutIndex) {
        guard let document = try? JSONText(parsing: bytes), let elements = document["manifests"]?.elements else {
            throw MalformedLayoutIndex()
        }
        for element in elements {
            guard let digest = try? Digest(parsing: element["digest"]?.string ?? ""),
                let size = element["size"]?.integer, let mediaType = element["mediaType"]?.string
            else { throw MalformedLayoutIndex() }
            let name = element["annotations"]?[Self.nameKey]?.string
            let descriptor = Descriptor(mediaType: MediaType(mediaType), digest: digest, size: size)
            entries.append(Entry(manifest: descriptor, name: name, text: Array(element.bytes)))
        }
    }

    /// The manifest with a name.
    subscript(name: String) -> Descriptor? { entries.last { $0.name == name }?.manifest }

    /// Names a manifest, taking the name from any other.
    mutating func set(_ manifest: Descriptor, name: String) {
        remove(name)
        entries.append(Entry(manifest: manifest, name: name, text: nil))
    }

    /// Removes the entry with a name.
    mutating func remove(_ name: String) { entries.removeAll { $0.name == name } }

    /// The encoded file.
    var encoded: [UInt8] {
        var writer = JSONWriter(.compact)
        writer.object { writer in
            writer.key("schemaVersion")
            writer.integer(2)
            writer.key("mediaType")
            writer.string(MediaType.ociIndex.description)
            writer.key("manifests")
            writer.array { writer in
                for entry in entries { Self.write(entry, to: &writer) }
            }
        }
        return writer.bytes
    }

    private static func write(_ entry: Entry, to writer: inout JSONWriter) {
        if let text = entry.text { return writer.raw(text) }
        writer.object { writer in
            writer.key("mediaType")
            writer.string(entry.manifest.mediaType.description)
            writer.key("digest")
            writer.string(entry.manifest.digest.description)
            writer.key("size")
            writer.integer(entry.manifest.size)
            writer.key("annotations")
            writer.object { writer in
                writer.key(nameKey)
                writer.string(entry.name ?? "")
            }
        }
    }
}

/// `index.json` is not that of an image layout.
struct MalformedLayoutIndex: Error, Equatable, CustomStringConvertible {
    var description: String { "index.json is not the index of an OCI image layout" }
}
