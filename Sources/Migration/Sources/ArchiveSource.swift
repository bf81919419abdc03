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
    private let layerless: Set<V1ImageID>

    /// Reads the list of what is in an archive.
    ///
    /// - Parameters:
    ///   - archive: The file.
    ///   - identity: Its path without symbolic links.
    ///   - name: What the one image in it is called that has no name; nil when none is to be named.
    /// - Throws: ``NotAnArchive`` for what `docker save` did not write; ``UnnamedArchive`` when it names no image, or `name`
    ///   has not one image that it could be of.
    package init(_ archive: any ObjectReader, identity: String, name: ArchiveName? = nil) async throws {
        let index: TarIndex
        do {
            index = try await TarIndex { offset, byteCount in
                Array(buffer: try await archive.read(at: offset, byteCount: byteCount))
            }
        } catch let damage as TarDamage {
            throw NotAnArchive(path: identity, reason: "\(damage); one that was compressed must be decompressed first")
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
        // No engine ever wrote these files into an archive.
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

    /// Looks whether the layers are those that a ready configuration speaks of.
    private func requireLayers(_ layers: [ReadLayer], of configuration: [UInt8], top: V1ImageID) throws {
        guard let expected = Self.diffIDs(of: configuration), expected.count == layers.count else {
            throw ImageDamage(image: top, reason: "image \(top): its configuration speaks of other layers")
        }
        for (layer, diffID) in zip(layers, expected) where layer.diffID.description != diffID {
            throw ImageDamage(
                image: layer.image,
                reason: "image \(layer.image): its layer is not the one that its configuration speaks of"
            )
        }
    }

    /// The DiffIDs that a configuration names, as Go reads them; nil for none that `docker load` would take.
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

/// A file that `docker save` did not write.
package struct NotAnArchive: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "\(path) is not an archive of 'docker save': \(reason)" }
}

extension NotAnArchive {
    /// Says what an archive is that has neither of the two lists.
    fileprivate init(_ members: ArchiveMembers, path: String) {
        let isLayout = members.contains("oci-layout") || members.contains("index.json")
        let layout = """
            it is an OCI image archive, whose images are no v1 images: push them with \
            'skopeo copy oci-archive:\(path) docker://REGISTRY/REPOSITORY:TAG'
            """
        self.init(path: path, reason: isLayout ? layout : "it has neither manifest.json nor repositories")
    }
}

/// An archive of `docker save` in which no image has a name, or not one that can be named.
package struct UnnamedArchive: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "\(path) cannot be converted: \(reason)" }
}
