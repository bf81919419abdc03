package import Conversion
package import ImageModel
package import RegistryCore
package import Storage

/// The source of a migration: a v1 tree, or something that can be read like one.
package protocol MigrationSource: Sendable {
    /// A name that distinguishes this source from others, however the operator refers to it.
    var identity: String { get }
    /// The images, tags and JSON.
    var tree: V1Tree { get }
    /// Whether complete images never change, so an image that was read need not be checked again.
    var keepsImages: Bool { get }

    /// Whether the source is remote, so layers are fetched first and cannot be linked.
    var isRemote: Bool { get }
    /// Whether docker-registry wrote the files, so any of them may be out of order.
    var isLegacyTree: Bool { get }
    /// Whether the configurations list the digests of the layers, which are checked when the images are created.
    var areLayersAttested: Bool { get }
    /// Whether a notice makes sense for such a source: files that it never has are not missing.
    func canHave(_ notice: V1Notice) -> Bool

    /// Irregularities other than those of images and tags. Complete once the tags have been listed.
    var notices: [SourceNotice] { get async }
    /// Content that cannot be presented as tags, including requested repositories. Complete once tags were listed.
    var failures: [FailedTag] { get async }
    /// The number of tags that this source does not convert.
    var leftOutTagCount: Int { get }

    /// Announces the repositories that are surveyed next, so that a remote source can request much of them at once.
    ///
    /// - Parameters:
    ///   - isNeeded: Whether a tag will be surveyed.
    ///   - isKnown: Whether neither an image nor its ancestors will be needed.
    /// - Throws: Only `CancellationError`: any other failure will recur when the data is needed.
    func lookAhead(
        at repositories: [V1RepositoryName],
        isNeeded: @escaping @Sendable (_ tag: String, V1RepositoryName) -> Bool,
        isKnown: @escaping @Sendable (V1ImageID) -> Bool
    ) async throws

    /// The name of a repository at the destination.
    func name(of repository: V1RepositoryName, by naming: NameMapping) throws -> RepositoryName

    /// The manifest that a tag points to, in a source of manifests; nil for a v1 image.
    ///
    /// - Throws: Why the manifest cannot be converted to an image.
    func manifest(of tag: String, in repository: V1RepositoryName) throws -> Digest?

    /// The digest that a layer must have, if known; nil where only `_checksum` tells.
    func blob(of id: V1ImageID) -> Digest?

    /// The image of a tag that already has a configuration or manifest; nil for a v1 image, which is converted from its
    /// chain.
    ///
    /// - Parameter layers: The layers of its chain, base first.
    func image(of tag: SurveyedTag, _ layers: [ReadLayer], format: ImageFormat) async throws -> ConvertedImage?

    /// The file with the layer of an image, to read and to link. A remote layer is fetched first.
    ///
    /// - Parameters:
    ///   - byteCount: The layer's size.
    ///   - progress: Called with the byte count of every piece fetched.
    func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LayerFile

    /// Called when a layer is no longer needed.
    func release(_ id: V1ImageID) async throws
}

extension MigrationSource {
    package var isRemote: Bool { false }
    package var isLegacyTree: Bool { false }
    package var areLayersAttested: Bool { false }
    package func canHave(_ notice: V1Notice) -> Bool { true }
    package var notices: [SourceNotice] { get async { [] } }
    package var failures: [FailedTag] { get async { [] } }
    package var leftOutTagCount: Int { 0 }

    package func lookAhead(
        at repositories: [V1RepositoryName],
        isNeeded: @escaping @Sendable (_ tag: String, V1RepositoryName) -> Bool,
        isKnown: @escaping @Sendable (V1ImageID) -> Bool
    ) async throws {}

    package func name(of repository: V1RepositoryName, by naming: NameMapping) throws -> RepositoryName {
        try naming.name(of: repository)
    }

    package func manifest(of tag: String, in repository: V1RepositoryName) throws -> Digest? { nil }

    package func blob(of id: V1ImageID) -> Digest? { nil }

    package func image(
        of tag: SurveyedTag,
        _ layers: [ReadLayer],
        format: ImageFormat
    ) async throws -> ConvertedImage? { nil }
}

/// A directory written by docker-registry.
package struct DirectorySource: MigrationSource {
    package let identity: String
    package let tree: V1Tree
    package let keepsImages = false
    package let isLegacyTree = true

    /// - Parameter identity: The directory's path without symbolic links.
    package init(_ storage: any ObjectStorage, identity: String) {
        self.tree = V1Tree(storage: storage)
        self.identity = identity
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
