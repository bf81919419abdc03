import ImageModel
import Storage

/// Maps projected image ids to the manifests they come from: v1 requests an image without naming its repository.
struct ProjectionIndex: Sendable {
    /// A manifest in a repository.
    struct Place: Hashable, Sendable {
        let name: RepositoryName
        let manifest: Digest
    }

    private var places: [Place] = []
    private var indices: [Place: Int32] = [:]
    private var images: [ImageKey: Int32] = [:]
    private var tops: [Place: V1ImageID] = [:]

    /// The v1 id of a manifest that was indexed before.
    func top(of place: Place) -> V1ImageID? { tops[place] }

    /// The manifest that an image is projected from.
    func place(of id: V1ImageID) -> Place? {
        ImageKey(id).flatMap { images[$0] }.map { places[Int($0)] }
    }

    /// Adds the images of a manifest. An image shared by several manifests keeps the first one.
    mutating func add(_ ids: [V1ImageID], of place: Place) {
        let index = indices[place] ?? Int32(places.count)
        if indices[place] == nil {
            indices[place] = index
            places.append(place)
        }
        for id in ids {
            guard let key = ImageKey(id), images[key] == nil else { continue }
            images[key] = index
        }
        tops[place] = ids.last
    }

    /// Removes a manifest that no longer exists.
    mutating func remove(_ place: Place) {
        guard let index = indices[place] else { return }
        tops[place] = nil
        images = images.filter { $0.value != index }
        indices[place] = nil
    }
}

/// Enumerates the manifests that v2 tags point to, in all repositories.
struct TagSurvey: Sendable {
    private let tags: TagLinks
    private let recent: RecentStorage
    private let damage: DamageLog

    init(tags: TagLinks, recent: RecentStorage, damage: DamageLog) {
        self.damage = damage
        self.tags = tags
        self.recent = recent
    }

    /// Calls `body` with every tagged manifest, several at a time. Unreadable tags are left out.
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
