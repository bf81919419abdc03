import ImageModel
import Storage

/// The targets of tags in both protocols.
extension TagBridge {
    /// The target of a tag; nil if there is no such tag, or it points to nothing. Nothing is converted.
    func target(of text: String, in repository: EventRepository) async throws -> PreviousTarget? {
        guard let name = repository.v2, let tag = try? Tag(parsing: text) else {
            guard let v1Name = repository.v1 else { return nil }
            return try await tree.tag(text, in: v1Name)?.image.map { .image($0, nil) }
        }
        switch try await joiner.v1Side(tag, in: name) {
        case .absent: return nil
        case .projected(let digest): return .manifest(digest)
        case .stored(let image):
            guard case .manifest(let digest) = try await joiner.join(tag, in: name) else { return .image(image, nil) }
            return .image(image, digest)
        }
    }

    /// The target of a tag that is about to change, for subscribers; nil if none needs it, or the tag is damaged. The
    /// caller holds the tag's lock.
    func previousTarget(of text: String, in repository: EventRepository) async throws -> PreviousTarget? {
        guard events.needsPreviousTargets else { return nil }
        return try await damage.unlessDamaged(text, in: repository.description) {
            try await target(of: text, in: repository)
        }
    }

    /// The same for several tags.
    func previousTargets(of tags: some Sequence<Tag>, in name: RepositoryName) async throws -> [Tag: PreviousTarget] {
        guard events.needsPreviousTargets else { return [:] }
        var targets: [Tag: PreviousTarget] = [:]
        for tag in tags { targets[tag] = try await previousTarget(of: tag.description, in: EventRepository(name)) }
        return targets
    }
}
