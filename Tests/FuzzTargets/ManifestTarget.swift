import Conversion
import ImageModel

extension FuzzTarget {
    /// A manifest under each type it can be declared as, and everything derived from it.
    static let manifest = FuzzTarget("manifest") { input in
        let types: [MediaType?] = [nil, .schema1, .schema1Signed, .schema2, .manifestList, .ociManifest, .ociIndex]
        for type in types {
            guard let manifest = try? Manifest(parsing: input, contentType: type) else { continue }
            try require(manifest.bytes == input, "a manifest keeps its bytes")
            let again = try Manifest(parsing: input, contentType: manifest.mediaType)
            try require(again.kind == manifest.kind, "a manifest has its declared type")
            let required = manifest.requiredBlobs
            try require(Set(required).count == required.count, "no blob is required twice")
            for vocabulary in ManifestVocabulary.allCases {
                try deriveImage(manifest, vocabulary)
                try deriveIndex(manifest, vocabulary)
            }
            _ = try? manifest.entry(for: Platform(os: "linux", architecture: "amd64"))
            if let chain = try? ProjectedChain(image: manifest, configuration: Array("{}".utf8)) { try signable(chain) }
            if let schema1 = manifest.schema1 { try convert(schema1) }
        }
    }

    private static func deriveImage(_ manifest: Manifest, _ vocabulary: ManifestVocabulary) throws {
        guard let derived = try? DerivedManifest(image: manifest, in: vocabulary) else { return }
        let image = try Manifest(parsing: derived.bytes, contentType: derived.mediaType)
        try require(image.layers.map(\.digest) == manifest.layers.map(\.digest), "an image keeps its layers")
        try require(image.configuration?.digest == manifest.configuration?.digest, "an image keeps its configuration")
    }

    private static func deriveIndex(_ manifest: Manifest, _ vocabulary: ManifestVocabulary) throws {
        let entries = manifest.manifests.map { ($0.descriptor.digest, $0.descriptor) }
        let images = Dictionary(entries) { first, _ in first }
        guard let derived = try? DerivedManifest(index: manifest, in: vocabulary, of: images) else { return }
        let index = try Manifest(parsing: derived.bytes, contentType: derived.mediaType)
        try require(index.manifests.count == manifest.manifests.count, "an index keeps its images")
        try require(
            index.manifests.map(\.platform) == manifest.manifests.map(\.platform),
            "an index keeps its platforms"
        )
    }

    /// Converts the content of a schema1 manifest.
    static func convert(_ schema1: Manifest.Schema1) throws {
        if let chain = try? ProjectedChain(schema1) {
            try require(
                Set(chain.images.map(\.layer)).isSubset(of: schema1.layers),
                "a chain has the manifest's layers"
            )
        }
        guard let history = try? Schema1History(schema1) else { return }
        let layers = history.layers.map { digest in
            let blob = Descriptor(mediaType: .dockerLayerGzip, digest: digest, size: 1)
            return (digest, StoredLayer(blob: blob, diffID: digest))
        }
        for format in ImageFormat.allCases {
            let stored = Dictionary(layers) { first, _ in first }
            try readable(try? ConvertedImage(schema1: history, layers: stored, format: format))
        }
    }

    /// Parses a converted image like a client.
    static func readable(_ image: ConvertedImage?) throws {
        guard let image else { return }
        let manifest = try Manifest(parsing: image.manifest, contentType: image.format.manifestType)
        try require(
            manifest.configuration?.digest == image.configurationDigest,
            "a manifest refers to its configuration"
        )
        try require(try JSONText(parsing: image.configuration).isObject, "a configuration is an object")
    }
}
