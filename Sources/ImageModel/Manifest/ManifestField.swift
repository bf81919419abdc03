/// A value within a manifest and its full name, such as `layers[2].size`.
struct ManifestField {
    let path: String
    let value: JSONText

    /// The error that this field is not what it must be.
    func isNot(_ what: String) -> MalformedManifest { malformed("is not \(what)") }

    /// The error that this field has a value that it cannot have.
    func malformed(_ reason: String) -> MalformedManifest { .malformed(field: path, reason: reason) }

    /// The field as an object.
    func fields() throws(MalformedManifest) -> ManifestFields {
        guard let fields = ManifestFields(value, prefix: path + ".") else { throw isNot("an object") }
        return fields
    }

    /// The field as a descriptor, all three of whose properties must be there.
    func descriptor() throws(MalformedManifest) -> Descriptor {
        let fields = try fields()
        guard let mediaType = try fields.text("mediaType") else { throw .missing(field: fields.path("mediaType")) }
        let digest = try fields.digest("digest")
        guard let sizeField = fields["size"] else { throw .missing(field: fields.path("size")) }
        guard let size = sizeField.value.integer else { throw sizeField.isNot("an integer") }
        guard size >= 0 else { throw sizeField.malformed("is negative") }
        let urls = try fields["urls"]?.texts() ?? []
        return Descriptor(mediaType: MediaType(mediaType), digest: digest, size: size, urls: urls)
    }

    /// The field as a descriptor that may name a platform.
    func platformDescriptor() throws(MalformedManifest) -> PlatformDescriptor {
        let fields = try fields()
        return PlatformDescriptor(
            descriptor: try descriptor(),
            platform: try fields["platform"]?.platform(),
            platformJSON: fields["platform"]?.value.compacted(escapingHTML: true),
            artifactType: try fields.text("artifactType"),
            annotations: try fields["annotations"]?.annotations() ?? [:]
        )
    }

    /// The field as a list of strings.
    private func texts() throws(MalformedManifest) -> [String] {
        let texts = value.elements?.compactMap(\.string)
        guard let texts, texts.count == value.elements?.count else { throw isNot("a list of strings") }
        return texts
    }

    /// The field as an object of strings.
    func annotations() throws(MalformedManifest) -> [String: String] {
        guard let members = value.members else { throw isNot("an object") }
        var annotations: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else {
                throw ManifestField(path: "\(path).\(member.key)", value: member.value).isNot("a string")
            }
            annotations[member.key] = text
        }
        return annotations
    }

    private func platform() throws(MalformedManifest) -> Platform {
        let fields = try fields()
        return Platform(
            os: try fields.text("os") ?? "",
            architecture: try fields.text("architecture") ?? "",
            variant: try fields.text("variant")
        )
    }
}
