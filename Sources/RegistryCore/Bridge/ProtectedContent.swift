import ImageModel
import Storage

/// The content that immutable tags name: they would not be what they were without it.
struct ProtectedContent: Sendable {
    let rules: TagRules
    let links: TagLinks
    let manifests: Manifests
    let damage: DamageLog

    /// The maximum nesting of indexes.
    private static let depthLimit = 4

    /// Refuses to remove a manifest or blob that the manifest of an immutable tag names, directly or through an index.
    ///
    /// - Throws: ``RegistryError/tagImmutable(tag:rule:)``.
    func requireUnneeded(_ content: Digest, in name: RepositoryName) async throws {
        guard rules.content.immutability.contains(where: { $0.applies(to: name.description) }) else { return }
        for tag in try await links.list(in: name) {
            guard let rule = rules.protection(of: tag.description, in: name.description) else { continue }
            // An unreadable tag does not protect anything: it costs itself alone.
            let isNeeded = try await damage.unlessDamaged(tag.description, in: name.description) {
                () async throws -> Bool? in
                guard let manifest = try await links.read(tag, in: name) else { return nil }
                return try await isNamed(content, by: manifest, in: name, depth: 0)
            }
            if isNeeded == true { throw RegistryError.tagImmutable(tag: tag.description, rule: rule) }
        }
    }

    private func isNamed(
        _ content: Digest,
        by digest: Digest,
        in name: RepositoryName,
        depth: Int
    ) async throws -> Bool {
        let manifest: Manifest
        do { manifest = try await manifests.read(digest, in: name) } catch RegistryError.manifestUnknown {
            return false
        }
        let children = Set(manifest.manifests.map(\.descriptor.digest))
        if children.contains(content) || manifest.requiredBlobs.contains(content) { return true }
        guard depth < Self.depthLimit else { return false }
        for child in children where try await isNamed(content, by: child, in: name, depth: depth + 1) { return true }
        return false
    }
}
