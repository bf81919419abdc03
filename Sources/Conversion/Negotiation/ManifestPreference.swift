package import ImageModel

/// Which kinds of manifest a client takes, and what it is therefore answered.
///
/// Observed: what Docker 1.6 to 29, containerd, podman and skopeo send. Docker up to 25 names schema1 among others, and
/// from 26 on refuses what it named: so schema1 is the last choice of who names anything else.
package struct ManifestPreference: Sendable, Hashable {
    private let accepted: AcceptedTypes
    private let namesKnownType: Bool
    /// Whether the client sends no Accept because it knows schema1 alone.
    private let takesSchema1Alone: Bool
    private let offersSchema1: Bool

    private static let knownTypes: [MediaType] = [
        .schema1, .schema1Signed, .schema2, .manifestList, .ociManifest, .ociIndex,
    ]

    /// The forms of an image, the best first, and the types that ask for each.
    private static let imageForms: [(form: ManifestForm, types: [MediaType])] = [
        (.image(.docker), [.schema2]), (.image(.oci), [.ociManifest]), (.schema1, [.schema1Signed, .schema1]),
    ]

    /// Reads what a client sends.
    ///
    /// - Parameters:
    ///   - headers: its `Accept` headers. Where they name no type of manifest that is known, and no range, they count
    ///     as absent.
    ///   - isBeforeSchema2: whether the client is a Docker from 1.6 to 1.9, which sends none and takes schema1 alone.
    ///   - offersSchema1: whether anything may be turned into schema1.
    package init(accept headers: [String], isBeforeSchema2: Bool, offersSchema1: Bool = true) {
        let accepted = AcceptedTypes(headers)
        self.accepted = accepted
        self.namesKnownType = Self.knownTypes.contains { accepted.weight(ofNamed: $0) != nil }
        self.takesSchema1Alone = isBeforeSchema2 && !namesKnownType && !accepted.takesAny
        self.offersSchema1 = offersSchema1
    }

    /// What the client is to be answered, the best first; what stands behind is for when that cannot be made.
    ///
    /// Empty if the client takes nothing that may be made.
    /// - Parameter stored: the kind of the manifest that the tag names.
    package func forms(for stored: Manifest.Kind) -> [ManifestForm] {
        switch stored {
        case .schema1: formsForSchema1
        case .schema2: forms(forImageOf: .schema2)
        case .ociManifest: forms(forImageOf: .ociManifest)
        case .manifestList: forms(forIndexIn: .docker, other: .oci)
        case .ociIndex: forms(forIndexIn: .oci, other: .docker)
        // There is nothing that it could be turned into, and nobody is helped by a refusal.
        case .other: [.asStored]
        }
    }

    private var formsForSchema1: [ManifestForm] {
        let named = imageForms.map { $0 == .schema1 ? .asStored : $0 }
        return named.isEmpty || accepted.takesAny && !named.contains(.asStored) ? named + [.asStored] : named
    }

    private func forms(forImageOf type: MediaType) -> [ManifestForm] {
        guard !takes(type) else { return [.asStored] }
        let named = imageForms
        return named.isEmpty ? [.asStored] : named.filter { $0 != .schema1 || offersSchema1 }
    }

    /// An index is as good as what stands in it: Docker 19.03 takes OCI's, and none of OCI's images.
    private func forms(forIndexIn stored: ManifestVocabulary, other: ManifestVocabulary) -> [ManifestForm] {
        let takesOther = accepted.weight(ofNamed: other.indexType) ?? 0 > 0
        let isBetterInOther = takesOther && takes(other.imageType) && !takes(stored.imageType)
        guard !takes(stored.indexType) || isBetterInOther else { return [.asStored] }
        let forms: [ManifestForm] =
            (takesOther ? [.index(other)] : []) + (imageForms.isEmpty ? [] : [.platformEntry])
        return forms.isEmpty ? [.asStored] : forms
    }

    private func takes(_ type: MediaType) -> Bool {
        if let weight = accepted.weight(ofNamed: type) { return weight > 0 }
        return !takesSchema1Alone && (!namesKnownType || accepted.takesAny)
    }

    /// The forms of an image that the client names, the most wanted first.
    private var imageForms: [ManifestForm] {
        guard !takesSchema1Alone else { return [.schema1] }
        let weighted = Self.imageForms.map { form in
            (form: form.form, weight: form.types.compactMap { accepted.weight(ofNamed: $0) }.max() ?? 0)
        }
        let weights = Set(weighted.map(\.weight)).filter { $0 > 0 }.sorted(by: >)
        return weights.flatMap { weight in weighted.filter { $0.weight == weight }.map(\.form) }
    }
}

/// What a client can be answered that asked for a manifest by tag.
package enum ManifestForm: Sendable, Hashable {
    /// What the tag names, byte for byte.
    case asStored
    /// The same image as schema1.
    case schema1
    /// The same image as schema2 or as OCI has it.
    case image(ManifestVocabulary)
    /// The same list with its images in these words.
    case index(ManifestVocabulary)
    /// The entry of the list for the platform of choice, to be answered in turn.
    case platformEntry
}
