import ImageModel

/// A schema1 manifest to be written without signatures, in Docker's style: three spaces per level, no trailing line
/// feed.
struct Schema1Document {
    /// An image in the chain.
    struct Entry {
        let layer: Digest
        let json: [UInt8]
    }

    let name: RepositoryName
    let tag: Tag
    let architecture: String
    /// The chain, topmost first.
    let entries: [Entry]

    /// The payload.
    var bytes: [UInt8] {
        var writer = JSONWriter(.goIndented)
        writer.object { writer in
            writer.key("schemaVersion")
            writer.integer(1)
            for (key, text) in [("name", name.description), ("tag", tag.description), ("architecture", architecture)] {
                writer.key(key)
                writer.string(text)
            }
            writer.key("fsLayers")
            Self.list("blobSum", entries.map(\.layer.description), to: &writer)
            writer.key("history")
            Self.list("v1Compatibility", entries.map { String(decoding: $0.json, as: UTF8.self) }, to: &writer)
        }
        return writer.bytes
    }

    /// Writes a list of objects with one member each.
    private static func list(_ key: String, _ texts: [String], to writer: inout JSONWriter) {
        writer.array { writer in
            for text in texts {
                writer.object { writer in
                    writer.key(key)
                    writer.string(text)
                }
            }
        }
    }
}
