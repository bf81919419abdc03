package import ImageModel
import NIOCore
import Storage

/// Keeps the tags of both protocols in sync: a change through one is visible in the other before the response is sent.
///
/// A writer acquires the tag's lock, and writes its own side, the other side, and the record of both. If it is
/// interrupted, ``TagJoin`` determines which side is newer.
package struct TagBridge: Sendable {
    let tree: V1Tree
    let files: V1TagFiles
    let links: TagLinks
    let joiner: TagJoiner
    private let repositoryLocks: RepositoryLocks
    let locks: TagLocks
    let converter: Converter
    let projections: Projections
    let events: RegistryEvents
    let recent: RecentStorage
    let damage: DamageLog
    /// The operator's rules, which make some tags immutable.
    let rules: TagRules
    /// Locks for tags that v2 does not have because their names are invalid there.
    let v1Locks = KeyedLocks<ShownTag>()
    /// The targets shown by v1 for tags that are not projections, cached until one of their files changes.
    let shown: DerivedValues<ShownTag, String>

    /// A tag by its v1 name.
    struct ShownTag: Hashable, Sendable {
        let tag: String
        let name: V1RepositoryName
    }

    init(
        parts: RegistryParts,
        recent: RecentStorage,
        locks: TagLocks,
        converter: Converter,
        projections: Projections,
        rules: TagRules,
        damage: DamageLog
    ) {
        self.damage = damage
        self.rules = rules
        self.recent = recent
        self.shown = DerivedValues(recent, costLimit: 8 << 20)
        self.events = parts.events
        self.tree = parts.tree
        self.files = V1TagFiles(storage: parts.storage)
        self.links = parts.tags
        self.joiner = parts.joiner
        self.repositoryLocks = parts.repositoryLocks
        self.locks = locks
        self.converter = converter
        self.projections = projections
    }
}

/// Setting tags through v2.
extension TagBridge {
    /// Sets tags of a repository to a manifest, in one commit with the caller's changes. The v1 tags are removed, and
    /// v1 clients see the projection. The caller holds the locks of the repository and of the manifest.
    ///
    /// - Parameters:
    ///   - condition: The condition on `tag`.
    ///   - commit: Commits the changes that set the tags, after the caller's own.
    /// - Throws: ``RegistryError/preconditionFailed(tag:current:)`` if `tag` does not meet `condition`,
    ///   ``RegistryError/tagImmutable(tag:rule:)`` if one of the tags may not be changed.
    func set(
        _ tags: [Tag],
        to manifest: Digest,
        in name: RepositoryName,
        if condition: TagCondition = .none,
        of tag: Tag? = nil,
        _ commit: @Sendable (WriteBatch) async throws -> Void
    ) async throws {
        guard !tags.isEmpty else { return try await commit(WriteBatch()) }
        let tags = Set(tags)
        let v1Name = V1RepositoryName(name)
        try await locks.withLocks(tags, in: name) {
            if let tag, condition != .none {
                let current = try await joiner.join(tag, in: name)
                guard condition.holds(of: current) else {
                    throw RegistryError.preconditionFailed(tag: tag, current: current)
                }
            }
            var batch = WriteBatch()
            var changed: [Tag] = []
            for tag in tags where try await !isProtected(tag, pointingTo: manifest, in: name) { changed.append(tag) }
            for tag in changed { batch.tag(tag, manifest, in: name) }
            var removed: [String] = []
            if let v1Name { removed = try await files.present(changed.map(\.description), in: v1Name) }
            for tag in changed where removed.contains(tag.description) {
                if let v1Name { files.remove(tag.description, in: v1Name, &batch) }
                batch.remove(OwnLayout.tagRecord(tag, in: name))
            }
            try await commit(batch)
            for tag in tags { events.publish(.tagSet(tag.description, .manifest(manifest)), in: name) }
        }
    }

    /// Converts the v1 tags of a repository that v2 does not have yet, so that a delete by digest finds them too.
    /// Damaged ones are left out.
    package func convertPendingTags(_ name: RepositoryName) async throws {
        guard let v1Name = V1RepositoryName(name) else { return }
        for text in try await tree.tagNames(in: v1Name) {
            guard let tag = try? Tag(parsing: text) else { continue }
            try await damage.unlessDamaged(text, in: name.description) {
                guard case .image(let image) = try await joiner.join(tag, in: name) else { return }
                try await converter.convertNow(image, tag: tag, in: name)
            }
        }
    }
}

/// Setting tags through v1.
extension TagBridge {
    /// Sets a tag to an image, and the v2 tag to the converted manifest.
    ///
    /// If the image cannot be converted, or not within the time a request may wait, the v2 tag is removed before the
    /// response. In the latter case it is set when the conversion is done.
    ///
    /// - Throws: ``RegistryError/tagImmutable(tag:rule:)`` if a rule makes the tag immutable, and it points elsewhere.
    package func set(
        _ text: String,
        to image: V1ImageID,
        by agent: ClientAgent,
        in v1Name: V1RepositoryName
    ) async throws(RegistryError) {
        try await RegistryError.translating {
            if try await isProtected(text, pointingTo: image, in: v1Name) { return }
            guard try await projections.materialize(image) else { throw RegistryError.imageUnknown(image) }
            guard let (tag, name) = v2Names(text, in: v1Name) else {
                return try await setInV1Alone(text, to: image, by: agent, in: v1Name)
            }
            let conversion = try await converter.conversion(of: image)
            if case .done(let converted) = conversion {
                // Both protocols' tags in one commit.
                try await converter.store(converted, as: tag, in: name) { storing in
                    let replaced = try await commit(text, image, by: agent, in: v1Name, tag, name, with: storing)
                    let summary = ManifestSummary(converted.image)
                    events.publish(.tagSet(text, .image(image, converted: summary)), in: v1Name)
                    return replaced
                }
            } else {
                try await repositoryLocks.withSharedLock(of: name) {
                    try await locks.withLock(tag, in: name) {
                        var withdrawing = WriteBatch()
                        _ = try await links.remove([tag], in: name, &withdrawing)
                        _ = try await commit(text, image, by: agent, in: v1Name, tag, name, with: withdrawing)
                        events.publish(.tagSet(text, .image(image, converted: nil)), in: v1Name)
                    }
                }
            }
            if case .unfinished = conversion { await converter.goOn(with: image, tag: tag, in: name) }
        }
    }

    /// Sets a tag whose name is not valid in v2.
    private func setInV1Alone(
        _ text: String,
        to image: V1ImageID,
        by agent: ClientAgent,
        in v1Name: V1RepositoryName
    ) async throws {
        try await repositoryLocks.withSharedLock(of: v1Name) {
            try await v1Locks.withLock(ShownTag(tag: text, name: v1Name)) {
                if try await isProtected(text, pointingTo: image, in: v1Name) { return }
                var batch = WriteBatch()
                try files.write(text, image, by: agent, in: v1Name, &batch)
                try await tree.storage.commit(batch)
                events.publish(.tagSet(text, .image(image, converted: nil)), in: v1Name)
            }
        }
    }

    /// Writes the v1 tag, and after it the other changes, while the caller holds the tag's lock. Returns the previous
    /// target of the v2 tag.
    func commit(
        _ text: String,
        _ image: V1ImageID,
        by agent: ClientAgent,
        in v1Name: V1RepositoryName,
        _ tag: Tag,
        _ name: RepositoryName,
        with others: WriteBatch
    ) async throws -> Digest? {
        // Another push may have set it since it was checked.
        if try await isProtected(text, pointingTo: image, in: v1Name) { return nil }
        var batch = WriteBatch()
        let replaced = try await joiner.expect(image, tag: tag, in: name, &batch)
        try files.write(text, image, by: agent, in: v1Name, &batch)
        batch.append(others)
        try await tree.storage.commit(batch)
        return replaced
    }
}
