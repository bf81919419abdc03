package import ImageModel
import Storage

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
                    let summary = ManifestSummary(converted.image)
                    return try await commit(text, image, summary, by: agent, in: v1Name, tag, name, with: storing)
                }
            } else {
                try await repositoryLocks.withSharedLock(of: name) {
                    try await locks.withLock(tag, in: name) {
                        var withdrawing = WriteBatch()
                        _ = try await links.remove([tag], in: name, &withdrawing)
                        if case .unfinished = conversion, events.recorder != nil {
                            let push = UnfinishedPush(of: image, by: .current)
                            withdrawing.put(try JSONFile.encoded(push), at: OwnLayout.unfinishedPush(tag, in: name))
                        }
                        try await commit(text, image, nil, by: agent, in: v1Name, tag, name, with: withdrawing)
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
                let previous = try await previousTarget(of: text, in: EventRepository(v1Name))
                var batch = WriteBatch()
                try files.write(text, image, by: agent, in: v1Name, &batch)
                try await commit(batch, naming: image)
                events.publish(.tagSet(text, .image(image, converted: nil)), in: v1Name, replacing: previous)
            }
        }
    }

    /// Writes the v1 tag, and after it the other changes, while the caller holds the tag's lock, and publishes the
    /// event. Returns the previous target of the v2 tag.
    ///
    /// - Parameter converted: The manifest that `others` point the v2 tag to; nil if they remove it.
    @discardableResult
    func commit(
        _ text: String,
        _ image: V1ImageID,
        _ converted: ManifestSummary?,
        by agent: ClientAgent,
        in v1Name: V1RepositoryName,
        _ tag: Tag,
        _ name: RepositoryName,
        with others: WriteBatch
    ) async throws -> Digest? {
        // Another push may have set it since it was checked.
        if try await isProtected(text, pointingTo: image, in: v1Name) { return nil }
        let previous = try await previousTarget(of: text, in: EventRepository(v1Name))
        var batch = WriteBatch()
        let replaced = try await joiner.expect(image, tag: tag, in: name, &batch)
        try files.write(text, image, by: agent, in: v1Name, &batch)
        batch.append(others)
        // To the receivers of notifications it is a push of the manifest.
        let pushes = converted.map { [RegistryEvent.Change.manifestPushed($0, tags: [tag])] } ?? []
        if converted != nil, events.recorder != nil { batch.discard(OwnLayout.unfinishedPush(tag, in: name)) }
        let recorded = events.record(pushes, in: name, &batch)
        try await commit(batch, naming: image)
        events.publish(.tagSet(text, .image(image, converted: converted)), in: v1Name, replacing: previous)
        recorded.wereCommitted()
        return replaced
    }
}

/// Immutable tags, as v1 clients set them.
extension TagBridge {
    /// Whether a rule protects a tag that v1 clients already see pointing to `image`, so that nothing is left to set.
    ///
    /// - Throws: ``RegistryError/tagImmutable(tag:rule:)`` if a rule protects it and it points elsewhere.
    func isProtected(_ text: String, pointingTo image: V1ImageID, in v1Name: V1RepositoryName) async throws -> Bool {
        guard let rule = rules.protection(of: text, in: v1Name.description) else { return false }
        guard let current = try await target(of: text, in: v1Name) else { return false }
        guard current == image else { throw RegistryError.tagImmutable(tag: text, rule: rule) }
        return true
    }

    /// The image that a tag points to as v1 clients see it. Nil if there is no such tag, and nil inside if its target is
    /// not an image.
    private func target(of text: String, in v1Name: V1RepositoryName) async throws -> V1ImageID?? {
        guard let (tag, name) = v2Names(text, in: v1Name) else {
            return try await tree.tag(text, in: v1Name)?.image.map { .some($0) }
        }
        switch try await joiner.v1Side(tag, in: name) {
        case .absent: return nil
        case .stored(let image): return .some(image)
        case .projected(let digest): return .some(try await projections.id(of: digest, in: name))
        }
    }

    /// Commits a batch that sets a v1 tag.
    ///
    /// - Throws: ``RegistryError/imageUnknown(_:)`` if the image or one of its ancestors was deleted after it was last
    ///   seen.
    private func commit(_ batch: WriteBatch, naming image: V1ImageID) async throws {
        do throws(StorageError) { try await tree.storage.commit(batch) } catch {
            throw error.isOfAbsentV1Image ? RegistryError.imageUnknown(image) : error as any Error
        }
    }
}
