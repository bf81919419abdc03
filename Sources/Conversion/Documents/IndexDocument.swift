import ImageModel

/// A manifest list or an index to be written.
struct IndexDocument {
    /// An image and its platform.
    struct Entry {
        let image: Descriptor
        /// The platform with all fields of the source: Windows uses more than ``Platform`` has.
        let platform: [UInt8]?
    }

    let vocabulary: ManifestVocabulary
    let entries: [Entry]

    /// Takes those entries of an index that have an image.
    init(_ index: Manifest, vocabulary: ManifestVocabulary, images: [Digest: Descriptor]) {
        self.vocabulary = vocabulary
        self.entries = index.manifests.compactMap { entry in
            guard let image = images[entry.descriptor.digest] else { return nil }
            return Entry(image: image, platform: entry.platformJSON)
        }
    }

    /// The manifest's bytes, without a trailing line feed.
    var bytes: [UInt8] {
        var writer = JSONWriter(vocabulary.style)
        writer.object { writer in
            writer.key("schemaVersion")
            writer.integer(2)
            writer.key("mediaType")
            writer.string(vocabulary.indexType.description)
            writer.key("manifests")
            writer.array { writer in
                for entry in entries {
                    writer.object { writer in
                        vocabulary.write(entry.image, to: &writer)
                        guard let platform = entry.platform else { return }
                        writer.key("platform")
                        writer.raw(platform)
                    }
                }
            }
        }
        return writer.bytes
    }
}
