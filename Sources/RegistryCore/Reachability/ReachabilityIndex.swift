import ImageModel

/// Which repositories hold which v1 images, and by which tags.
struct ReachabilityIndex: Sendable {
    /// A tag that holds an image.
    struct ReferringTag: Sendable, Equatable {
        let repository: V1RepositoryName
        let tag: String
        let holding: TagTarget
    }

    private struct Repository {
        var tags: [String: TagTarget] = [:]
        /// The images of each tag, by their numbers.
        var images: [String: [Int32]] = [:]
    }

    /// An image is numbered when it is first met: its id stands in many places.
    private var numbers: [V1ImageID: Int32] = [:]
    private var repositories: [V1RepositoryName: Repository] = [:]
    private var holders: [Int32: Set<V1RepositoryName>] = [:]

    /// The repositories that are known.
    var names: Set<V1RepositoryName> { Set(repositories.keys) }

    /// What each tag of a repository was when it was looked at.
    func tags(of name: V1RepositoryName) -> [String: TagTarget] { repositories[name]?.tags ?? [:] }

    /// The tags that hold an image, one of each repository in which there is any, so far as `isWanted` says.
    func holders(of id: V1ImageID, in isWanted: (V1RepositoryName) -> Bool) -> [ReferringTag] {
        guard let number = numbers[id] else { return [] }
        return (holders[number] ?? []).filter(isWanted).compactMap { name in
            guard let repository = repositories[name],
                let tag = repository.images.first(where: { $0.value.contains(number) })?.key,
                let holding = repository.tags[tag]
            else { return nil }
            return ReferringTag(repository: name, tag: tag, holding: holding)
        }
    }

    /// Notes what a repository holds; `images` needs to name those of new tags alone. An empty list of tags forgets it.
    mutating func set(_ name: V1RepositoryName, tags: [String: TagTarget], images: [String: [V1ImageID]]) {
        let old = repositories[name] ?? Repository()
        var new = Repository(tags: tags)
        for (tag, holding) in tags {
            if let ids = images[tag] {
                new.images[tag] = ids.map { number(of: $0) }
            } else if old.tags[tag] == holding {
                new.images[tag] = old.images[tag]
            }
        }
        for number in Set(old.images.values.joined()) { holders[number]?.remove(name) }
        for number in Set(new.images.values.joined()) { holders[number, default: []].insert(name) }
        repositories[name] = tags.isEmpty ? nil : new
    }

    private mutating func number(of id: V1ImageID) -> Int32 {
        if let number = numbers[id] { return number }
        let number = Int32(numbers.count)
        numbers[id] = number
        return number
    }
}
