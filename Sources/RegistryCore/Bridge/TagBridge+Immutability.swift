import ImageModel

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
