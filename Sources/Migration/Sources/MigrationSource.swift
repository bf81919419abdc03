package import Conversion
package import ImageModel
package import RegistryCore
package import Storage

/// Where a migration takes images from: a v1 tree, or what can be read as if it were one.
package protocol MigrationSource: Sendable {
    /// What tells this source from others, whoever names it however.
    var identity: String { get }
    /// The images, tags and JSON.
    var tree: V1Tree { get }
    /// Whether an image that is complete never changes, so that one that was read need not be looked at again.
    var keepsImages: Bool { get }

    /// Whether it is served elsewhere, so that layers are fetched first and no file of it can be linked.
    var isRemote: Bool { get }
    /// Whether docker-registry wrote its files, so that each of them can be out of order.
    var isLegacyTree: Bool { get }
    /// Whether its configurations say what each layer must hold, which is looked at when their images are made.
    var areLayersAttested: Bool { get }
    /// Whether a notice is about something that can be in order in such a source: what no such source has is no lack.
    func canHave(_ notice: V1Notice) -> Bool

    /// What is out of order in it beyond its images and tags: complete once these were listed.
    var notices: [SourceNotice] { get async }
    /// What it has, or was asked for, and cannot show as tags: complete once these were listed.
    var failures: [FailedTag] { get async }
    /// How many tags it has that are no images to be converted.
    var leftOutTagCount: Int { get }

    /// Told which repositories are looked at next: a source that is far away asks for much of them at once.
    ///
    /// - Parameters:
    ///   - isNeeded: Whether a tag of theirs will be looked at.
    ///   - isKnown: Whether nothing will be asked of an image, nor of those below it.
    /// - Throws: `CancellationError` alone: what cannot be had now is met again when it is needed.
    func lookAhead(
        at repositories: [V1RepositoryName],
        isNeeded: @escaping @Sendable (_ tag: String, V1RepositoryName) -> Bool,
        isKnown: @escaping @Sendable (V1ImageID) -> Bool
    ) async throws

    /// What a repository is called at the destination.
    func name(of repository: V1RepositoryName, by naming: NameMapping) throws -> RepositoryName

    /// The manifest that a tag names where images have one already; nil for an image of v1.
    ///
    /// - Throws: Why no image can be made of it.
    func manifest(of tag: String, in repository: V1RepositoryName) throws -> Digest?

    /// The digest that a layer must have, if that is known; nil where `_checksum` says what is to be known.
    func blob(of id: V1ImageID) -> Digest?

    /// The image of a tag that has a configuration, or a manifest, already; nil for an image of v1, which is made of its
    /// chain.
    ///
    /// - Parameter layers: The layers of its chain, the base first.
    func image(of tag: SurveyedTag, _ layers: [ReadLayer], format: ImageFormat) async throws -> ConvertedImage?

    /// Where the layer of an image can be read and linked: fetched first, if it is far away.
    ///
    /// - Parameters:
    ///   - byteCount: How many bytes it has.
    ///   - progress: Told of every stretch of bytes that was fetched.
    func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LayerFile

    /// Called when a layer is not needed any more.
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

/// The directory that docker-registry wrote.
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
