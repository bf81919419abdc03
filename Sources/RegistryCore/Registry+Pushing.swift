import Conversion
package import ImageModel
import Storage
import SystemLibraries

/// Pushes.
extension Registry {
    /// Stores a pushed manifest under its digest, and makes tags name it.
    ///
    /// - Parameters:
    ///   - reference: What it was pushed as; a tag is set along with `tags`.
    ///   - condition: What must hold of the tag that it was pushed as, looked at under the tag's lock.
    ///   - alias: The repository that pulls of this one may have been answered from, if the caller may pull from that too:
    ///     what it has is as good as here.
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)`` when the reference is another digest,
    ///   ``RegistryError/unverifiedManifest(reason:)`` for a schema1 manifest whose signatures do not hold.
    package func put(
        _ manifest: Manifest,
        under reference: Reference,
        tags moreTags: [Tag] = [],
        in name: RepositoryName,
        if condition: TagCondition = .none,
        takingOverFrom alias: RepositoryName? = nil
    ) async throws -> Digest {
        try refuseWhenReadOnly()
        let signed = try manifest.kind == .schema1 ? verified(manifest) : nil
        let stored = try signed.map { try payload(of: $0) } ?? manifest
        if stored.requiredBlobs.contains(EmptyLayer.digest) { try await blobs.writeEmptyLayer(into: name) }
        try await derivedBlobs.adopt(stored.requiredBlobs, in: name)
        if let alias { try await takeOver(namedBy: stored, from: alias, into: name) }
        try await adoptDerived(namedBy: stored, in: name)
        let digest = try digest(of: stored, under: reference)
        return try await revisionLocks.withLock(digest, in: name) {
            try await manifests.write(stored, as: digest, in: name)
            if let signed { try await signatures.keep(signed, in: name) }
            if case .tag(let tag) = reference { try await bridge.set(tag, to: digest, in: name, if: condition) }
            for tag in moreTags { try await bridge.set(tag, to: digest, in: name) }
            return digest
        }
    }

    /// Makes derived manifests that a pushed index names the repository's for good: HEAD of them says that they are here.
    private func adoptDerived(namedBy index: Manifest, in name: RepositoryName) async throws {
        let children = Set(index.manifests.map(\.descriptor.digest)).sorted()
        let present = try await manifests.storage.exist(children.map { V2Layout.revisionLink($0, in: name) })
        let missing = zip(children, present).filter { !$1 }.map(\.0)
        let derivations = try await manifests.storage.exist(missing.map { OwnLayout.derivedManifest($0, in: name) })
        for (digest, isDerived) in zip(missing, derivations) where isDerived {
            guard let child = try await derived.read(digest, in: name)?.parsed(), child.kind != .schema1 else {
                continue
            }
            try await derivedBlobs.adopt(child.requiredBlobs, in: name)
            try await revisionLocks.withLock(digest, in: name) {
                try await manifests.write(child, as: digest, in: name)
            }
        }
    }

    /// By which digest a manifest is kept: the one that it was pushed as, else its SHA-256.
    private func digest(of manifest: Manifest, under reference: Reference) throws(RegistryError) -> Digest {
        guard case .digest(let digest) = reference else { return Digest(.sha256, of: manifest.bytes) }
        let actual = Digest(digest.algorithm, of: manifest.bytes)
        guard actual == digest else { throw .digestMismatch(expected: digest, actual: actual) }
        return digest
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
        if try await blobs.contains(digest, in: name) {
            try await blobs.settle([digest], in: name)
            return true
        }
        return try await blobs.mount(digest, from: source, into: name)
    }
}
