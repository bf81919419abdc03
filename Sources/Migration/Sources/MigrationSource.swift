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

    /// The configuration of an image that has one already, so that none is made of its chain; nil for an image of v1.
    func configuration(of id: V1ImageID) -> [UInt8]?

    /// Where the layer of an image can be read and linked: fetched first, if it is far away.
    ///
    /// - Parameters:
    ///   - byteCount: How many bytes it has.
    ///   - progress: Told of every stretch of bytes that was fetched.
    func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LinkSource

    /// Called when a layer is not needed any more.
    func release(_ id: V1ImageID) async throws
}

extension MigrationSource {
    package func configuration(of id: V1ImageID) -> [UInt8]? { nil }
}

/// The directory that docker-registry wrote.
package struct DirectorySource: MigrationSource {
    package let identity: String
    package let tree: V1Tree
    package let keepsImages = false

    /// - Parameter identity: The directory's path without symbolic links.
    package init(_ storage: any ObjectStorage, identity: String) {
        self.tree = V1Tree(storage: storage)
        self.identity = identity
    }

    package func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LinkSource {
        LinkSource(V1Layout.layer(id), in: tree.storage)
    }

    package func release(_ id: V1ImageID) async throws {}
}
