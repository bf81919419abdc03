import ImageModel
import Storage

/// What the tags of v2 name, in all repositories.
struct TagSurvey: Sendable {
    private let tags: TagLinks
    private let recent: RecentStorage
    private let damage: DamageLog

    init(tags: TagLinks, recent: RecentStorage, damage: DamageLog) {
        self.damage = damage
        self.tags = tags
        self.recent = recent
    }

    /// Calls `body` with every manifest that a tag names, several at a time; a tag that cannot be read is left out.
    func forEachPlace(_ body: @escaping @Sendable (ProjectionIndex.Place) async throws -> Void) async throws {
        for name in try await tags.repositories(recent, damage: damage) {
            let names = try await damage.unlessDamaged("tags", in: name.description) { try await tags.list(in: name) }
            _ = try await (names ?? []).mapInParallel { tag in
                let digest = try await damage.unlessDamaged(tag.description, in: name.description) {
                    try await tags.read(tag, in: name)
                }
                if let digest { try await body(ProjectionIndex.Place(name: name, manifest: digest)) }
            }
        }
    }
}
