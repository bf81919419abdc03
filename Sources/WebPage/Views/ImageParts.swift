import ImageModel
import RegistryCore

/// What an image's page shows, as far as it has been read.
struct ImageParts: Sendable {
    let repository: EventRepository
    let heading: String
    var problem: String?
    var chips: [Chip] = []
    var facts: [Fact] = []
    var commands: [PullCommand] = []
    var platforms: [ImageView.Entry] = []
    var referrers: [ImageView.Entry] = []
    var content = ImageContent()
    var documents: [PageLink] = []
    var deletions: [PageLink] = []

    /// The most manifests of an index, and the most referrers, that a page shows.
    private static let entryLimit = 300

    init(_ repository: EventRepository, heading: String) {
        self.repository = repository
        self.heading = heading
    }

    /// Adds a fact unless it is unknown.
    mutating func add(_ label: String, _ value: String?, isCode: Bool = false, target: String? = nil) {
        guard let value, !value.isEmpty else { return }
        facts.append(Fact(label: label, value: value, isCode: isCode, target: target))
    }

    /// Adds the manifests of an index.
    mutating func addPlatforms(of manifest: Manifest, _ links: PageLinks) {
        for entry in manifest.manifests.prefix(Self.entryLimit) {
            let digest = entry.descriptor.digest.description
            let name = entry.platform?.description ?? entry.artifactType ?? "no platform"
            platforms.append(
                ImageView.Entry(
                    title: PageFormat.cut(entry.isReference ? "attestation" : name, to: 128),
                    link: links.image(repository.description, digest: digest),
                    digest: PageFormat.short(digest),
                    type: PageFormat.cut(entry.descriptor.mediaType.description, to: 128),
                    size: PageFormat.bytes(entry.descriptor.size)
                )
            )
        }
    }

    /// Adds the manifests that refer to this one, and the tags by which cosign names signatures.
    mutating func addReferrers(_ found: [Referrer], tags: [String], _ links: PageLinks) {
        let name = repository.description
        for referrer in found.prefix(Self.entryLimit) {
            let digest = referrer.descriptor.digest.description
            let isSignature = TagReader.isSignature(referrer.artifactType)
            let type = PageFormat.cut(referrer.artifactType ?? referrer.descriptor.mediaType.description, to: 128)
            referrers.append(
                ImageView.Entry(
                    title: isSignature ? "signature (\(type))" : type,
                    link: links.image(name, digest: digest),
                    digest: PageFormat.short(digest),
                    type: type,
                    size: PageFormat.bytes(referrer.descriptor.size)
                )
            )
        }
        let kinds = [
            ".sig": "signature (cosign)", ".att": "attestation (cosign)", ".sbom": "bill of materials (cosign)",
        ]
        for tag in tags {
            let kind = kinds.first { tag.hasSuffix($0.key) }?.value ?? "referrers"
            referrers.append(
                ImageView.Entry(title: kind, link: links.image(name, tag: tag), digest: tag, type: kind, size: "")
            )
        }
        if referrers.contains(where: { $0.title.hasPrefix("signature") }) {
            chips.append(Chip(text: "signed", tone: "good"))
        }
    }

    /// The forms in which clients can pull a manifest.
    static func forms(of kind: Manifest.Kind, isImage: Bool, v1Image: String?, offersSchema1: Bool) -> String {
        var forms: [String] = []
        if v1Image != nil { forms.append("v1") }
        switch kind {
        case .schema1: forms += ["schema1", "schema2", "OCI"]
        case .schema2, .ociManifest:
            guard isImage else { return "OCI, as pushed" }
            forms += (offersSchema1 ? ["schema1"] : []) + ["schema2", "OCI"]
        case .manifestList, .ociIndex:
            forms +=
                ["manifest list", "OCI index"] + (offersSchema1 ? ["one platform as schema1"] : [])
                + ["one platform as schema2"]
        case .other: return "as pushed"
        }
        return forms.joined(separator: ", ")
    }
}
