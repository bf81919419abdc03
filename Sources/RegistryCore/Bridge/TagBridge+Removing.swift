package import ImageModel
import Storage

/// Deletes, in both protocols at once.
extension TagBridge {
    /// Removes a tag in both protocols, and returns whether it existed.
    package func remove(_ tag: Tag, in name: RepositoryName) async throws(RegistryError) -> Bool {
        try await RegistryError.translating {
            try await locks.withLock(tag, in: name) {
                let previous = try await previousTarget(of: tag.description, in: EventRepository(name))
                var batch = WriteBatch()
                guard try await !remove([tag], in: name, &batch).isEmpty else { return false }
                let recorded = events.record([.tagRemoved(tag.description)], in: name, &batch)
                try await tree.storage.commit(batch)
                events.publish(.tagRemoved(tag.description), in: name, replacing: previous)
                recorded.wereCommitted()
                return true
            }
        }
    }

    /// Removes a tag in both protocols, and returns whether it existed.
    package func remove(_ text: String, in v1Name: V1RepositoryName) async throws(RegistryError) -> Bool {
        try await RegistryError.translating {
            guard let (tag, name) = v2Names(text, in: v1Name) else {
                return try await v1Locks.withLock(ShownTag(tag: text, name: v1Name)) {
                    guard try await !files.present([text], in: v1Name).isEmpty else { return false }
                    try requireMutable(text, in: v1Name.description)
                    let previous = try await previousTarget(of: text, in: EventRepository(v1Name))
                    guard try await files.remove(text, in: v1Name) else { return false }
                    events.publish(.tagRemoved(text), in: v1Name, replacing: previous)
                    return true
                }
            }
            return try await remove(tag, in: name)
        }
    }

    /// Removes every tag of a repository in both protocols, and returns their names. The caller, who deletes the
    /// repository, holds its lock and publishes the event.
    ///
    /// - Throws: ``RegistryError/tagImmutable(tag:rule:)`` if one of them is immutable; then nothing is removed.
    func removeTags(of repository: EventRepository) async throws -> [String] {
        let texts = try await tagNames(in: repository)
        for text in texts { try requireMutable(text, in: repository.description) }
        var end = WriteBatch()
        if let v1Name = repository.v1 {
            for text in texts where v2Names(text, in: v1Name) == nil { files.remove(text, in: v1Name, &end) }
        }
        if let name = repository.v2 {
            try await removeInParts(texts.compactMap { try? Tag(parsing: $0) }, naming: nil, in: name, with: end)
        } else {
            try await tree.storage.commit(end)
        }
        return texts
    }

    /// Removes the tags that point to a manifest, in both protocols, and applies `end`, which removes the manifest, in
    /// the last commit.
    func remove(_ tags: [Tag], naming manifest: Digest, in name: RepositoryName, with end: WriteBatch) async throws {
        let named = try await self.tags(tags, naming: manifest, in: name)
        // Before the first part is removed.
        for tag in named { try requireMutable(tag.description, in: name.description) }
        try await removeInParts(named, naming: manifest, in: name, with: end)
    }

    /// - Parameter manifest: The manifest a tag must point to; nil to remove all of `tags`.
    private func removeInParts(
        _ tags: [Tag],
        naming manifest: Digest?,
        in name: RepositoryName,
        with end: WriteBatch
    ) async throws {
        var rest = tags[...]
        repeat {
            let some = Array(rest.prefix(Self.removedAtOnce))
            rest = rest.dropFirst(some.count)
            let isLast = rest.isEmpty
            try await locks.withLocks(Set(some), in: name) {
                var batch = WriteBatch()
                // A concurrent push may have set one of them in the meantime.
                let named = if let manifest { try await self.tags(some, naming: manifest, in: name) } else { some }
                let previous = manifest == nil ? [:] : try await previousTargets(of: named, in: name)
                let removed = try await remove(named, in: name, &batch)
                if isLast { batch.append(end) }
                // Deleting a repository is a single event for all of its tags.
                var changes: [RegistryEvent.Change] = []
                if let manifest {
                    // In the order of registry:2: the manifest before its tags.
                    if isLast { changes.append(.manifestRemoved(manifest)) }
                    changes += removed.sorted().map { .tagRemoved($0.description) }
                }
                let recorded = events.record(changes, in: name, &batch)
                if !batch.changes.isEmpty { try await tree.storage.commit(batch) }
                guard manifest != nil else { return }
                for tag in removed.sorted() {
                    events.publish(.tagRemoved(tag.description), in: name, replacing: previous[tag])
                }
                recorded.wereCommitted()
            }
        } while !rest.isEmpty
    }

    /// The number of tags locked and removed in one commit.
    private static let removedAtOnce = 64

    /// The tags among these that point to a manifest. An unreadable link points to nothing.
    private func tags(_ tags: [Tag], naming manifest: Digest, in name: RepositoryName) async throws -> [Tag] {
        var named: [Tag] = []
        for tag in tags {
            let digest = try await damage.unlessDamaged(tag.description, in: name.description) {
                try await links.read(tag, in: name)
            }
            if digest == manifest { named.append(tag) }
        }
        return named
    }

    /// Removes tags in both protocols, except those that have changed since `states` were observed, and returns the
    /// removed ones.
    package func remove(_ states: [TagState], in name: RepositoryName) async throws(RegistryError) -> Set<Tag> {
        try await RegistryError.translating {
            var removed: Set<Tag> = []
            var rest = states[...]
            while !rest.isEmpty {
                let some = Array(rest.prefix(Self.removedAtOnce))
                rest = rest.dropFirst(some.count)
                removed.formUnion(try await removeUnchanged(some, in: name))
            }
            return removed
        }
    }

    private func removeUnchanged(_ states: [TagState], in name: RepositoryName) async throws -> Set<Tag> {
        try await locks.withLocks(Set(states.map(\.tag)), in: name) {
            var unchanged: [Tag] = []
            for state in states where rules.protection(of: state.tag.description, in: name.description) == nil {
                let current = try await damage.unlessDamaged(state.tag.description, in: name.description) {
                    try await joiner.state(of: state.tag, in: name)
                }
                if current == state { unchanged.append(state.tag) }
            }
            guard !unchanged.isEmpty else { return [] }
            let previous = try await previousTargets(of: unchanged, in: name)
            var batch = WriteBatch()
            let removed = try await remove(unchanged, in: name, &batch)
            let recorded = events.record(removed.sorted().map { .tagRemoved($0.description) }, in: name, &batch)
            try await tree.storage.commit(batch)
            for tag in removed.sorted() {
                events.publish(.tagRemoved(tag.description), in: name, replacing: previous[tag])
            }
            recorded.wereCommitted()
            return removed
        }
    }

    /// Adds to `batch` the changes that remove tags in both protocols, and returns those that exist.
    private func remove(_ tags: [Tag], in name: RepositoryName, _ batch: inout WriteBatch) async throws -> Set<Tag> {
        var present: Set<Tag> = []
        if let v1Name = V1RepositoryName(name) {
            let texts = Set(try await files.present(tags.map(\.description), in: v1Name))
            for tag in tags where texts.contains(tag.description) {
                files.remove(tag.description, in: v1Name, &batch)
                present.insert(tag)
            }
        }
        present.formUnion(try await links.remove(tags, in: name, &batch))
        for tag in present.sorted() { try requireMutable(tag.description, in: name.description) }
        for tag in tags where present.contains(tag) {
            batch.remove(OwnLayout.tagRecord(tag, in: name))
            if events.recorder != nil { batch.discard(OwnLayout.unfinishedPush(tag, in: name)) }
        }
        return present
    }
}
