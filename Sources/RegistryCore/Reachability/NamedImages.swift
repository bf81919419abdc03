package import ImageModel
import NIOCore
import Storage

/// The images that somebody who may not read everything names in what they push: a tag's image, a parent.
///
/// To name an image makes it part of one's own repository; so it takes the right to read it, or to have pushed it oneself.
/// Otherwise it is as if there were no such image.
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

    /// Makes sure that an image may be named, and that it is in the tree: a projected one is written there.
    ///
    /// - Throws: ``RegistryError/imageUnknown(_:)``.
    package func require(_ id: V1ImageID, by pusher: ImagePusher) async throws {
        if try await pushers.contains(pusher, of: id), try await tree.hasJSON(id) { return }
        switch try await holders.access(to: id, among: pusher.isReadable)?.source {
        case .tree, .anywhere: return
        case .projection(let place):
            // Where the tree has something else under this id, that is not what may be read.
            guard try await !tree.hasJSON(id), try await projections.store(id, from: place) else {
                throw RegistryError.imageUnknown(id)
            }
        case nil: throw RegistryError.imageUnknown(id)
        }
    }
}
