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
    let repositoryLocks: RepositoryLocks
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
            let previous = try await previousTargets(of: tags, in: name)
            try await commit(batch)
            for tag in tags {
                events.publish(.tagSet(tag.description, .manifest(manifest)), in: name, replacing: previous[tag])
            }
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

/// Immutable tags: every change of a tag passes one of these checks while the tag's lock is held.
extension TagBridge {
    /// Whether a rule protects a tag that points to `manifest` already, so that nothing is left to set.
    ///
    /// - Throws: ``RegistryError/tagImmutable(tag:rule:)`` if a rule protects it and it points elsewhere.
    func isProtected(_ tag: Tag, pointingTo manifest: Digest, in name: RepositoryName) async throws -> Bool {
        guard let rule = rules.protection(of: tag.description, in: name.description) else { return false }
        switch try await joiner.join(tag, in: name) {
        case .absent: return false
        case .manifest(manifest): return true
        case .manifest, .image: throw RegistryError.tagImmutable(tag: tag.description, rule: rule)
        }
    }

    /// Refuses to remove an existing tag that a rule protects.
    func requireMutable(_ tag: String, in repository: String) throws(RegistryError) {
        if let rule = rules.protection(of: tag, in: repository) { throw .tagImmutable(tag: tag, rule: rule) }
    }

    /// Converts those of `tags` that are protected and only v1 has, so that a push can be compared with them. Call it
    /// without locks.
    ///
    /// - Throws: ``RegistryError/unavailable(reason:)`` if conversion takes longer than a request may wait.
    func convertProtected(_ tags: [Tag], in name: RepositoryName) async throws {
        for tag in tags where rules.protection(of: tag.description, in: name.description) != nil {
            guard case .image(let image) = try await joiner.join(tag, in: name) else { continue }
            // If it cannot be converted, no push can be the same.
            do { _ = try await converter.convert(image, tag: tag, in: name) } catch RegistryError.manifestUnknown {}
        }
    }
}
