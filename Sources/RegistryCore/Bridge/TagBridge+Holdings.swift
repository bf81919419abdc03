import ImageModel

/// What repositories hold, for who asks whether an image is in one.
extension TagBridge {
    /// What each tag of a repository makes it hold; those that are damaged are left out.
    func holdings(in name: V1RepositoryName) async throws -> [String: TagTarget] {
        var holdings: [String: TagTarget] = [:]
        for tag in try await tagNames(in: name) {
            holdings[tag] = try await damage.unlessDamaged(tag, in: name.description) {
                try await holding(of: tag, in: name)
            }
        }
        return holdings
    }

    /// What a tag makes its repository hold; nil when there is no such tag, or it names nothing.
    ///
    /// A manifest that was converted from a v1 image that is still there holds that image.
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

/// What a tag of a repository, as v1 sees it, makes the repository hold.
enum TagTarget: Hashable, Sendable {
    /// A v1 image of the tree, and its ancestors.
    case stored(V1ImageID)
    /// What an image of v2 is projected to.
    case projected(Digest)
}
