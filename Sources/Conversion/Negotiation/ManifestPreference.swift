package import ImageModel

/// The kinds of manifest a client accepts, and the resulting choice of response.
///
/// Observed: what Docker 1.6 to 29, containerd, podman and skopeo send. Docker up to 25 names schema1 among others, and
/// from 26 on rejects it although it names it. So schema1 is the last choice for clients that name anything else.
package struct ManifestPreference: Sendable, Hashable {
    private let accepted: AcceptedTypes
    private let namesKnownType: Bool
    /// Whether the client sends no Accept header because it only knows schema1.
    private let takesSchema1Alone: Bool
    private let offersSchema1: Bool

    private static let knownTypes: [MediaType] = [
        .schema1, .schema1Signed, .schema2, .manifestList, .ociManifest, .ociIndex,
    ]

    /// The forms of an image, best first, and the media types that request each.
    private static let imageForms: [(form: ManifestForm, types: [MediaType])] = [
        (.image(.docker), [.schema2]), (.image(.oci), [.ociManifest]), (.schema1, [.schema1Signed, .schema1]),
    ]

    /// Evaluates what a client sends.
    ///
    /// - Parameters:
    ///   - headers: Its `Accept` headers. If they name no known manifest type and no range, they count as absent.
    ///   - isBeforeSchema2: Whether the client is Docker 1.6 to 1.9, which sends no Accept header and only accepts
    ///     schema1.
    ///   - offersSchema1: Whether conversion to schema1 is allowed.
    package init(accept headers: [String], isBeforeSchema2: Bool, offersSchema1: Bool = true) {
        let accepted = AcceptedTypes(headers)
        self.accepted = accepted
        self.namesKnownType = Self.knownTypes.contains { accepted.weight(ofNamed: $0) != nil }
        self.takesSchema1Alone = isBeforeSchema2 && !namesKnownType && !accepted.takesAny
        self.offersSchema1 = offersSchema1
    }

    /// The forms to try in the response, best first; later ones are fallbacks if conversion fails.
    ///
    /// Empty if the client accepts nothing that can be produced.
    /// - Parameter stored: The kind of the manifest that the tag points to.
    package func forms(for stored: Manifest.Kind) -> [ManifestForm] {
        switch stored {
        case .schema1: formsForSchema1
        case .schema2: forms(forImageOf: .schema2)
        case .ociManifest: forms(forImageOf: .ociManifest)
        case .manifestList: forms(forIndexIn: .docker, other: .oci)
        case .ociIndex: forms(forIndexIn: .oci, other: .docker)
        // It cannot be converted, and refusing it would not help any client.
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

    /// An index is only useful if its images are: Docker 19.03 accepts OCI indexes, but not OCI images.
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

    /// The forms of an image that the client names, highest weight first.
    private var imageForms: [ManifestForm] {
        guard !takesSchema1Alone else { return [.schema1] }
        let weighted = Self.imageForms.map { form in
            (form: form.form, weight: form.types.compactMap { accepted.weight(ofNamed: $0) }.max() ?? 0)
        }
        let weights = Set(weighted.map(\.weight)).filter { $0 > 0 }.sorted(by: >)
        return weights.flatMap { weight in weighted.filter { $0.weight == weight }.map(\.form) }
    }
}

/// A form of response for a manifest requested by tag.
package enum ManifestForm: Sendable, Hashable {
    /// The tagged manifest, byte for byte.
    case asStored
    /// The same image as schema1.
    case schema1
    /// The same image in the schema2 or OCI format.
    case image(ManifestVocabulary)
    /// The same list with its images in this vocabulary.
    case index(ManifestVocabulary)
    /// The list's entry for the default platform, which is then negotiated in turn.
    case platformEntry
}
