import ImageModel

/// A schema2 manifest to be written, as Docker writes it: three spaces a level, no line feed at the end.
///
/// OCI's image manifest has the same members.
struct Schema2Document {
    var mediaType = MediaType.schema2
    let configuration: Descriptor
    /// The layers, bottom first.
    let layers: [Descriptor]

    /// The manifest's bytes.
    var bytes: [UInt8] {
        var writer = JSONWriter(.goIndented)
        writer.object { writer in
            writer.key("schemaVersion")
            writer.integer(2)
            writer.key("mediaType")
            writer.string(mediaType.description)
            writer.key("config")
            Self.write(configuration, to: &writer)
            writer.key("layers")
            writer.array { writer in
                for layer in layers { Self.write(layer, to: &writer) }
            }
        }
        return writer.bytes
    }

    private static func write(_ descriptor: Descriptor, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("mediaType")
            writer.string(descriptor.mediaType.description)
            writer.key("size")
            writer.integer(descriptor.size)
            writer.key("digest")
            writer.string(descriptor.digest.description)
        }
    }
}
