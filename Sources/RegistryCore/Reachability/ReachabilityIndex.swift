import ImageModel

/// Maps v1 images to the repositories and tags that refer to them.
struct ReachabilityIndex: Sendable {
    /// A tag that refers to an image.
    struct ReferringTag: Sendable, Equatable {
        let repository: V1RepositoryName
        let tag: String
        let holding: TagTarget
    }

    private struct Repository {
        var tags: [String: TagTarget] = [:]
        /// The images of each tag, as numbers.
        var images: [String: [Int32]] = [:]
    }

    /// Each image has a number, assigned when it is first seen: most ids occur many times, and a number is smaller.
    private var numbers: [V1ImageID: Int32] = [:]
    private var repositories: [V1RepositoryName: Repository] = [:]
    private var holders: [Int32: Set<V1RepositoryName>] = [:]

    /// The indexed repositories.
    var names: Set<V1RepositoryName> { Set(repositories.keys) }

    /// The target of each tag of a repository when it was indexed.
    func tags(of name: V1RepositoryName) -> [String: TagTarget] { repositories[name]?.tags ?? [:] }

    /// Tags that refer to an image: one for each repository that has any and satisfies `isWanted`.
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

    /// Records the tags of a repository. `images` needs entries for new and changed tags only. No tags: removes it.
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
