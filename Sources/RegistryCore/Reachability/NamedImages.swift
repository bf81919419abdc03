package import ImageModel
import NIOCore
import Storage

/// Checks the images that a caller with restricted read access refers to in a push: a tag's image or a parent.
///
/// Referring to an image makes it part of the caller's repository, so the caller must be able to read it or have pushed
/// it. Otherwise the image is treated as unknown.
package struct NamedImages: Sendable {
    private let tree: V1Tree
    private let holders: ImageReachability
    private let pushers: ImagePushers
    private let projections: Projections

    init(parts: RegistryParts, holders: ImageReachability, projections: Projections) {
        self.tree = parts.tree
        self.holders = holders
        self.pushers = parts.pushers
        self.projections = projections
    }

    /// Ensures that the caller may refer to an image and that it is in the tree: a projected one is written there.
    ///
    /// - Throws: ``RegistryError/imageUnknown(_:)``.
    package func require(_ id: V1ImageID, by pusher: ImagePusher) async throws(RegistryError) {
        try await RegistryError.translating {
            if try await pushers.contains(pusher, of: id), try await tree.hasJSON(id) { return }
            switch try await holders.access(to: id, among: pusher.isReadable)?.source {
            case .tree, .anywhere: return
            case .projection(let place):
                // If the tree has another image under this id, that is not the one the caller may read.
                guard try await !tree.hasJSON(id), try await projections.store(id, from: place) else {
                    throw RegistryError.imageUnknown(id)
                }
            case nil: throw RegistryError.imageUnknown(id)
            }
        }
    }
}
