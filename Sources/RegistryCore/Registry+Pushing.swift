import Conversion
package import ImageModel
import SystemLibraries

/// Pushes.
extension Registry {
    /// Stores a pushed manifest under its digest, and makes tags name it.
    ///
    /// - Parameters:
    ///   - reference: What it was pushed as; a tag is set along with `tags`.
    ///   - condition: What must hold of the tag that it was pushed as, looked at under the tag's lock.
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)`` when the reference is another digest,
    ///   ``RegistryError/unverifiedManifest(reason:)`` for a schema1 manifest whose signatures do not hold.
    package func put(
        _ manifest: Manifest,
        under reference: Reference,
        tags moreTags: [Tag] = [],
        in name: RepositoryName,
        if condition: TagCondition = .none
    ) async throws -> Digest {
        try refuseWhenReadOnly()
        let signed = try manifest.kind == .schema1 ? verified(manifest) : nil
        let stored = try signed.map { try payload(of: $0) } ?? manifest
        if stored.requiredBlobs.contains(EmptyLayer.digest) { try await blobs.writeEmptyLayer(into: name) }
        switch reference {
        case .digest(let digest):
            let actual = Digest(digest.algorithm, of: stored.bytes)
            guard actual == digest else { throw RegistryError.digestMismatch(expected: digest, actual: actual) }
            try await manifests.write(stored, as: digest, in: name)
            if let signed { try await signatures.keep(signed, in: name) }
            for tag in moreTags { try await bridge.set(tag, to: digest, in: name) }
            return digest
        case .tag(let tag):
            let digest = Digest(.sha256, of: stored.bytes)
            try await manifests.write(stored, as: digest, in: name)
            if let signed { try await signatures.keep(signed, in: name) }
            try await bridge.set(tag, to: digest, in: name, if: condition)
            for tag in moreTags { try await bridge.set(tag, to: digest, in: name) }
            return digest
        }
    }

    private func verified(_ manifest: Manifest) throws(RegistryError) -> SignedSchema1 {
        do { return try SignedSchema1(verifying: manifest.bytes) } catch {
            throw .unverifiedManifest(reason: error.description)
        }
    }

    /// What is stored of a signed manifest, and what its digest is of.
    private func payload(of signed: SignedSchema1) throws(RegistryError) -> Manifest {
        do { return try Manifest(parsing: signed.payload, contentType: .schema1) } catch {
            throw .malformedManifest(reason: error.description)
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
