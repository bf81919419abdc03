package import ImageModel
import SystemLibraries

/// A v1 image converted to v2: the configuration as a Docker engine would derive it, and a manifest.
///
/// The conversion is deterministic: the same chain always gives the same bytes.
package struct ConvertedImage: Sendable {
    /// The configuration's bytes.
    package let configuration: [UInt8]
    /// Their SHA-256: the image's id in Docker 1.10 and later, whether pulled through v1 or v2.
    package let configurationDigest: Digest
    /// The manifest's bytes.
    package let manifest: [UInt8]
    /// The format of the manifest.
    package let format: ImageFormat
    /// The SHA-256 of the manifest.
    package let manifestDigest: Digest

    /// Converts a chain, base first.
    ///
    /// The images' `id` and `parent` are not compared with the chain: an engine only uses the ancestry.
    ///
    /// - Throws: ``UnconvertibleImage`` if no engine that pulls through v1 would accept the image.
    package init(chain: [V1Layer], format: ImageFormat = .schema2) throws(UnconvertibleImage) {
        var records: [V1Record] = []
        for layer in chain {
            do { records.append(try V1Record(layer.image)) } catch { throw .malformedImage(layer.image.id, error) }
        }
        guard let top = chain.last?.image, let record = records.last else { throw .emptyChain }
        try self.init(
            top: top,
            record: record,
            history: records.map { HistoryEntry($0, isEmptyLayer: false) },
            layers: chain.map { StoredLayer(blob: $0.blob, diffID: $0.diffID) },
            format: format
        )
    }

    /// Converts the image of a schema1 manifest.
    ///
    /// - Parameter layers: The facts about ``Schema1History/layers``, by the manifest's digests.
    /// - Throws: ``UnconvertibleImage``.
    package init(
        schema1 history: Schema1History,
        layers: [Digest: StoredLayer],
        format: ImageFormat = .schema2
    ) throws(UnconvertibleImage) {
        guard let top = history.images.last else { throw .emptyChain }
        var stored: [StoredLayer] = []
        for digest in history.layers {
            guard let layer = layers[digest] else { throw .layerUnknown(digest) }
            stored.append(layer)
        }
        try self.init(
            top: top.image,
            record: top.record,
            history: history.images.map { HistoryEntry($0.record, isEmptyLayer: $0.isThrowaway) },
            layers: stored,
            format: format
        )
    }

    /// Combines a finished configuration with its layers, base first.
    package init(configuration: [UInt8], layers: [Descriptor], format: ImageFormat) {
        self.configuration = configuration
        configurationDigest = Digest(.sha256, of: configuration)
        self.format = format
        manifest =
            ImageDocument(
                vocabulary: format.vocabulary,
                configuration: Descriptor(
                    mediaType: format.configurationType,
                    digest: configurationDigest,
                    size: Int64(configuration.count)
                ),
                layers: layers.map(format.layer)
            ).bytes
        manifestDigest = Digest(.sha256, of: manifest)
    }

    /// Combines the parts that both kinds of chain provide, bottom first.
    private init(
        top: V1Image,
        record: V1Record,
        history: [HistoryEntry],
        layers: [StoredLayer],
        format: ImageFormat
    ) throws(UnconvertibleImage) {
        let configuration: [UInt8]
        do {
            configuration = try DerivedConfiguration(
                top: top,
                record: record,
                diffIDs: layers.map(\.diffID),
                history: history
            ).bytes
        } catch { throw .malformedImage(top.id, error) }
        self.init(configuration: configuration, layers: layers.map(\.blob), format: format)
    }
}
