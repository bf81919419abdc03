import ImageModel

/// The v1 images in repositories, for access checks.
extension TagBridge {
    /// The target of each tag of a repository; damaged tags are left out.
    func holdings(in name: V1RepositoryName) async throws -> [String: TagTarget] {
        var holdings: [String: TagTarget] = [:]
        for tag in try await tagNames(in: name) {
            holdings[tag] = try await damage.unlessDamaged(tag, in: name.description) {
                try await holding(of: tag, in: name)
            }
        }
        return holdings
    }

    /// The target of a tag; nil if there is no such tag, or it points to nothing.
    ///
    /// For a manifest that was converted from a v1 image, it is that image, if it still exists.
    func holding(of text: String, in v1Name: V1RepositoryName) async throws -> TagTarget? {
        guard let (tag, name) = v2Names(text, in: v1Name) else {
            return try await tree.tag(text, in: v1Name)?.image.map { .stored($0) }
        }
        switch try await joiner.v1Side(tag, in: name) {
        case .absent: return nil
        case .stored(let image): return .stored(image)
        case .projected(let digest):
            return try await projections.origin(of: digest).map { .stored($0) } ?? .projected(digest)
        }
    }
}

/// The target of a tag as v1 clients see it, which makes images part of the repository.
enum TagTarget: Hashable, Sendable {
    /// A v1 image in the tree, with its ancestors.
    case stored(V1ImageID)
    /// The images that a v2 manifest is projected to.
    case projected(Digest)
}
