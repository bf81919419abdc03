package import Conversion
package import ImageModel
import NIOCore
package import RegistryCore
package import Storage
import SystemLibraries

/// An archive written by `docker save`: v1 images with a list of names (up to 1.9), or configurations and layers.
///
/// Images of the new format are presented as v1 chains, one image per layer, with their configuration ready-made.
package struct ArchiveSource: MigrationSource {
    package let identity: String
    package let tree: V1Tree
    package let keepsImages = false
    package let failures: [FailedTag]
    package let notices: [SourceNotice]
    private let configurations: [V1ImageID: [UInt8]]
    private let layerless: Set<V1ImageID>

    /// Reads the table of contents of an archive.
    ///
    /// - Parameters:
    ///   - archive: The file.
    ///   - identity: Its path without symbolic links.
    ///   - name: The name for the only untagged image; nil to name none.
    /// - Throws: ``NotAnArchive`` for a file that `docker save` did not write; ``UnnamedArchive`` when no image is
    ///   tagged, or when `name` is given and not exactly one image is untagged.
    package init(_ archive: any ObjectReader, identity: String, name: ArchiveName? = nil) async throws {
        let index: TarIndex
        do {
            index = try await TarIndex { offset, byteCount in
                Array(buffer: try await archive.read(at: offset, byteCount: byteCount))
            }
        } catch let damage as TarDamage {
            throw NotAnArchive(path: identity, reason: "\(damage); if it is compressed, decompress it first")
        }
        let members = ArchiveMembers(archive, index)
        var content = ArchiveContent(members)
        do {
            if members.contains("manifest.json") {
                try await content.readManifest()
            } else {
                try await content.readRepositories(isNaming: name != nil)
            }
            guard members.contains("manifest.json") || members.contains("repositories") || !content.files.isEmpty else {
                throw NotAnArchive(members, path: identity)
            }
            try content.nameRest(name)
        } catch let fault as ArchiveFault {
            if fault.isOfNames { throw UnnamedArchive(path: identity, reason: fault.description) }
            throw NotAnArchive(path: identity, reason: fault.description)
        }
        self.tree = V1Tree(storage: ArchiveTree(archive: archive, files: content.files))
        self.configurations = content.configurations
        self.layerless = content.layerless
        self.failures = content.failures
        self.notices = content.notices
        self.identity = identity
    }

    package var areLayersAttested: Bool { !configurations.isEmpty }

    package func canHave(_ notice: V1Notice) -> Bool {
        // No engine has ever written these files into an archive.
        switch notice {
        case .noAncestry, .noChecksum: false
        case .unreadableAncestry, .unreadableChecksum, .onlyTarsum, .differentTarsum, .staleInProgress: true
        }
    }

    package func image(
        of tag: SurveyedTag,
        _ layers: [ReadLayer],
        format: ImageFormat
    ) async throws -> ConvertedImage? {
        guard let configuration = configurations[tag.image] else { return nil }
        let layers = layerless.contains(tag.image) ? [] : layers
        try requireLayers(layers, of: configuration, top: tag.image)
        return ConvertedImage(configuration: configuration, layers: layers.map(\.blob), format: format)
    }

    /// Checks that the layers are those of a ready-made configuration.
    private func requireLayers(_ layers: [ReadLayer], of configuration: [UInt8], top: V1ImageID) throws {
        guard let expected = Self.diffIDs(of: configuration), expected.count == layers.count else {
            throw ImageDamage(image: top, reason: "image \(top): its configuration lists other layers")
        }
        for (layer, diffID) in zip(layers, expected) where layer.diffID.description != diffID {
            throw ImageDamage(
                image: layer.image,
                reason: "image \(layer.image): its layer is not the one its configuration lists"
            )
        }
    }

    /// The DiffIDs of a configuration, read as Go does; nil for a configuration that `docker load` would refuse.
    static func diffIDs(of configuration: [UInt8]) -> [String?]? {
        guard let rootfs = (try? JSONValue(parsing: configuration))?.goField("rootfs"), rootfs.object != nil else {
            return nil
        }
        return rootfs.goField("diff_ids")?.array?.map(\.string) ?? []
    }

    package func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LayerFile {
        LayerFile(LinkSource(V1Layout.layer(id), in: tree.storage))
    }

    package func release(_ id: V1ImageID) async throws {}
}

/// The file was not written by `docker save`.
package struct NotAnArchive: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "\(path) is not a 'docker save' archive: \(reason)" }
}

extension NotAnArchive {
    /// Describes an archive with neither list of images.
    fileprivate init(_ members: ArchiveMembers, path: String) {
        let isLayout = members.contains("oci-layout") || members.contains("index.json")
        let layout = """
            it is an OCI image archive, which contains no v1 images: push it with \
            'skopeo copy oci-archive:\(path) docker://REGISTRY/REPOSITORY:TAG'
            """
        self.init(path: path, reason: isLayout ? layout : "it has neither manifest.json nor repositories")
    }
}

/// A `docker save` archive without tagged images, or without the one untagged image that `--name` is for.
package struct UnnamedArchive: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "cannot convert \(path): \(reason)" }
}
