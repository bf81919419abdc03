package import Conversion
package import ImageModel
import NIOCore
package import RegistryCore
package import Storage
import SystemLibraries

/// What `docker save` wrote: images of v1 with a list of names (until 1.9), or configurations with their layers (since).
///
/// The images of the new form are shown as a chain of v1, one image a layer, whose configuration is ready.
package struct ArchiveSource: MigrationSource {
    package let identity: String
    package let tree: V1Tree
    package let keepsImages = false
    package let failures: [FailedTag]
    package let notices: [SourceNotice]
    private let configurations: [V1ImageID: [UInt8]]

    /// Reads the list of what is in an archive.
    ///
    /// - Parameters:
    ///   - archive: The file.
    ///   - identity: Its path without symbolic links.
    /// - Throws: ``NotAnArchive`` for what `docker save` did not write.
    package init(_ archive: any ObjectReader, identity: String) async throws {
        let index: TarIndex
        do {
            index = try await TarIndex { offset, byteCount in
                Array(buffer: try await archive.read(at: offset, byteCount: byteCount))
            }
        } catch let damage as TarDamage {
            throw NotAnArchive(path: identity, reason: "\(damage); one that was compressed must be decompressed first")
        }
        let members = Dictionary(index.members.map { ($0.path, $0) }) { _, last in last }
        var content = ArchiveContent(archive: archive, members: members)
        if members["manifest.json"] != nil {
            try await content.readManifest()
        } else if members["repositories"] != nil {
            try await content.readRepositories()
        } else {
            throw NotAnArchive(path: identity, reason: "it has neither manifest.json nor repositories")
        }
        self.tree = V1Tree(storage: ArchiveTree(archive: archive, files: content.files))
        self.configurations = content.configurations
        self.failures = content.failures
        self.notices = content.notices
        self.identity = identity
    }

    package var areLayersAttested: Bool { !configurations.isEmpty }

    package func image(
        of tag: SurveyedTag,
        _ layers: [ReadLayer],
        format: ImageFormat
    ) async throws -> ConvertedImage? {
        guard let configuration = configurations[tag.image] else { return nil }
        try requireLayers(layers, of: configuration, top: tag.image)
        return ConvertedImage(configuration: configuration, layers: layers.map(\.blob), format: format)
    }

    /// Looks whether the layers are those that a ready configuration speaks of.
    private func requireLayers(_ layers: [ReadLayer], of configuration: [UInt8], top: V1ImageID) throws {
        let document = try? JSONValue(parsing: configuration)
        let expected = document?["rootfs"]?["diff_ids"]?.array?.map(\.string) ?? []
        guard expected.count == layers.count else {
            throw ImageDamage(image: top, reason: "image \(top): its configuration speaks of other layers")
        }
        for (layer, diffID) in zip(layers, expected) where layer.diffID.description != diffID {
            throw ImageDamage(
                image: layer.image,
                reason: "image \(layer.image): its layer is not the one that its configuration speaks of"
            )
        }
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

/// A file that `docker save` did not write.
package struct NotAnArchive: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "\(path) is not an archive of 'docker save': \(reason)" }
}
