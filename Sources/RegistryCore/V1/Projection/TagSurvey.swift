import ImageModel
import Storage

/// What the tags of v2 name, in all repositories.
struct TagSurvey: Sendable {
    private let tags: TagLinks
    private let listings: Listings

    init(storage: any ObjectStorage, listings: Listings) {
        self.tags = TagLinks(storage: storage)
        self.listings = listings
    }

    /// Calls `body` with every manifest that a tag names, several at a time; a tag that cannot be read is left out.
    func forEachPlace(_ body: @escaping @Sendable (ProjectionIndex.Place) async throws -> Void) async throws {
        for name in try await tags.repositories(listings) {
            _ = try await tags.list(in: name).mapInParallel { tag in
                let digest: Digest?
                do { digest = try await tags.read(tag, in: name) } catch StorageError.unreadable { return }
                if let digest { try await body(ProjectionIndex.Place(name: name, manifest: digest)) }
            }
        }
    }
}
