package import ImageModel
import SystemLibraries

/// Pushes.
extension Registry {
    /// Stores a pushed manifest under its digest, and makes tags name it.
    ///
    /// - Parameters:
    ///   - reference: What it was pushed as; a tag is set along with `tags`.
    ///   - condition: What must hold of the tag that it was pushed as, looked at under the tag's lock.
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)`` when the reference is another digest.
    package func put(
        _ manifest: Manifest,
        under reference: Reference,
        tags moreTags: [Tag] = [],
        in name: RepositoryName,
        if condition: TagCondition = .none
    ) async throws -> Digest {
        try refuseWhenReadOnly()
        switch reference {
        case .digest(let digest):
            let actual = Digest(digest.algorithm, of: manifest.bytes)
            guard actual == digest else { throw RegistryError.digestMismatch(expected: digest, actual: actual) }
            try await manifests.write(manifest, as: digest, in: name)
            for tag in moreTags { try await bridge.set(tag, to: digest, in: name) }
            return digest
        case .tag(let tag):
            let digest = Digest(.sha256, of: manifest.bytes)
            try await manifests.write(manifest, as: digest, in: name)
            try await bridge.set(tag, to: digest, in: name, if: condition)
            for tag in moreTags { try await bridge.set(tag, to: digest, in: name) }
            return digest
        }
    }

    /// Makes a blob of one repository one of another's as well, and answers whether there was such a blob.
    ///
    /// - Parameter source: The repository that has it; nil for a blob that any repository may have.
    package func mount(_ digest: Digest, from source: RepositoryName?, into name: RepositoryName) async throws -> Bool {
        try refuseWhenReadOnly()
        if try await blobs.contains(digest, in: name) { return true }
        let isThere =
            if let source { try await blobs.contains(digest, in: source) } else { try await blobs.contains(digest) }
        guard isThere else { return false }
        try await blobs.link(digest, into: name)
        return true
    }
}
