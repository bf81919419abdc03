import Conversion
package import ImageModel

/// Pulls by clients that may not accept the stored format.
extension Registry {
    /// The manifest with this tag or digest, in a form the client accepts.
    ///
    /// A pull by digest converts nothing: it returns the pushed or derived manifest with that digest.
    /// - Parameters:
    ///   - headers: The client's `Accept` headers.
    ///   - followsAlias: Whether a missing repository may be replaced by the other spelling of its name.
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` also if there is no such form.
    package func manifest(
        _ reference: Reference,
        in name: RepositoryName,
        accepting headers: [String],
        by agent: ClientAgent,
        followsAlias: Bool = true
    ) async throws(RegistryError) -> ServedManifest {
        try await RegistryError.translating {
            let stored = try await manifest(reference, in: name, followsAlias: followsAlias)
            guard case .tag(let tag) = reference else { return stored }
            let preference = ManifestPreference(
                accept: headers,
                isBeforeSchema2: agent.takesSchema1Alone,
                offersSchema1: compatibility.offersSchema1
            )
            let forms = preference.forms(for: Manifest.Kind(stored.mediaType))
            if forms.first == .asStored { return stored }
            let question = Derivation.Question(source: stored, root: stored.digest, name: name, tag: tag)
            return try await make(question, preference, depth: 0)
        }
    }

    /// The maximum nesting of indexes.
    private static let depthLimit = 4

    /// The most preferred form the manifest can be converted to.
    private func make(
        _ question: Derivation.Question,
        _ preference: ManifestPreference,
        depth: Int
    ) async throws -> ServedManifest {
        var refusal = RegistryError.manifestUnknown(
            reference: question.tag.description,
            reason: "the client does not accept \(question.source.mediaType), nor any type it can be converted to"
        )
        for form in preference.forms(for: Manifest.Kind(question.source.mediaType)) {
            do {
                return try await self.make(question, by: form, preference, depth: depth)
            } catch {
                let failure = FormFailure(error)
                refusal = failure.refusal(of: .tag(question.tag), isReadOnly: isReadOnly)
                guard failure.isOfOneForm else { throw refusal }
            }
        }
        throw refusal
    }

    private func make(
        _ question: Derivation.Question,
        by form: ManifestForm,
        _ preference: ManifestPreference,
        depth: Int
    ) async throws -> ServedManifest {
        switch form {
        case .asStored: return question.source
        case .schema1: return try await derivation.schema1(question)
        case .image(let vocabulary): return try await derivation.manifest(.image(vocabulary), question)
        case .index(let vocabulary): return try await derivation.manifest(.index(vocabulary), question)
        case .platformEntry:
            guard depth < Self.depthLimit else { throw UnderivableManifest.noImages }
            let list = try await manifests.read(question.source.digest, in: question.source.repository)
            let entry = try list.entry(for: compatibility.platform).descriptor.digest
            let child = try await manifest(.digest(entry), in: question.source.repository)
            let part = Derivation.Question(source: child, root: question.root, name: question.name, tag: question.tag)
            return try await self.make(part, preference, depth: depth + 1)
        }
    }
}
