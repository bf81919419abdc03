package import ImageModel
import SystemLibraries

/// A v1 image as an image of v2: the configuration that a Docker engine makes of it, and a manifest.
///
/// The same chain gives the same bytes, every time.
package struct ConvertedImage: Sendable {
    /// The configuration's bytes.
    package let configuration: [UInt8]
    /// Their SHA-256: the image's id in Docker 1.10 and later, whether it was pulled by v1 or by v2.
    package let configurationDigest: Digest
    /// The manifest's bytes.
    package let manifest: [UInt8]
    /// The manifest's kind.
    package let format: ImageFormat
    /// Their SHA-256.
    package let manifestDigest: Digest

    /// Converts a chain, its base first.
    ///
    /// Neither the images' `id` nor their `parent` is compared with the chain: an engine goes by the ancestry alone.
    ///
    /// - Throws: ``UnconvertibleImage`` where no engine that pulls by v1 would take the image.
    package init(chain: [V1Layer], format: ImageFormat = .schema2) throws(UnconvertibleImage) {
        var records: [V1Record] = []
        for layer in chain {
            do { records.append(try V1Record(layer.image)) } catch { throw .malformedImage(layer.image.id, error) }
        }
        guard let top = chain.last?.image, let record = records.last else { throw .emptyChain }
        let configuration: [UInt8]
        do {
            configuration = try DerivedConfiguration(
                top: top,
                record: record,
                diffIDs: chain.map(\.diffID),
                history: records.map { HistoryEntry($0, isEmptyLayer: false) }
            ).bytes
        } catch { throw .malformedImage(top.id, error) }
        self.init(configuration: configuration, layers: chain.map(\.blob), format: format)
    }

    /// Joins a configuration that is ready with its layers, the base first.
    package init(configuration: [UInt8], layers: [Descriptor], format: ImageFormat) {
        self.configuration = configuration
        configurationDigest = Digest(.sha256, of: configuration)
        self.format = format
        manifest =
            Schema2Document(
                mediaType: format.manifestType,
                configuration: Descriptor(
                    mediaType: format.configurationType,
                    digest: configurationDigest,
                    size: Int64(configuration.count)
                ),
                layers: layers.map(format.layer)
            ).bytes
        manifestDigest = Digest(.sha256, of: manifest)
    }
}
