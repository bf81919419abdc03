import ImageModel

/// A schema2 or OCI image manifest to be written.
struct ImageDocument {
    let vocabulary: ManifestVocabulary
    let configuration: Descriptor
    /// The layers, bottom first.
    let layers: [Descriptor]

    /// The manifest's bytes, without a trailing line feed.
    var bytes: [UInt8] {
        var writer = JSONWriter(vocabulary.style)
        writer.object { writer in
            writer.key("schemaVersion")
            writer.integer(2)
            writer.key("mediaType")
            writer.string(vocabulary.imageType.description)
            writer.key("config")
            writer.object { vocabulary.write(configuration, to: &$0) }
            writer.key("layers")
            writer.array { writer in
                for layer in layers { writer.object { vocabulary.write(layer, to: &$0) } }
            }
        }
        return writer.bytes
    }
}
