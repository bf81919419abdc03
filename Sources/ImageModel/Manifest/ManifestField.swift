/// A value in a manifest with its full path, such as `layers[2].size`.
struct ManifestField {
    let path: String
    let value: JSONText

    /// The error that this field is not of the required type.
    func isNot(_ what: String) -> MalformedManifest { malformed("is not \(what)") }

    /// The error that this field has an invalid value.
    func malformed(_ reason: String) -> MalformedManifest { .malformed(field: path, reason: reason) }

    /// The field as an object.
    func fields() throws(MalformedManifest) -> ManifestFields {
        guard let fields = ManifestFields(value, prefix: path + ".") else { throw isNot("an object") }
        return fields
    }

    /// The field as a descriptor: only the digest is required.
    ///
    /// A missing type is empty, and a missing size 0, as in Go.
    func descriptor() throws(MalformedManifest) -> Descriptor {
        let fields = try fields()
        let mediaType = try fields.text("mediaType") ?? ""
        let digest = try fields.digest("digest")
        let size = fields["size"]
        if let size, size.value.integer == nil { throw size.isNot("an integer") }
        let urls = try fields["urls"]?.texts() ?? []
        return Descriptor(
            mediaType: MediaType(mediaType),
            digest: digest,
            size: size?.value.integer ?? 0,
            urls: urls
        )
    }

    /// The field as a descriptor with an optional platform.
    func platformDescriptor() throws(MalformedManifest) -> PlatformDescriptor {
        let fields = try fields()
        let annotations = fields["annotations"]
        try annotations?.requireTexts()
        return PlatformDescriptor(
            descriptor: try descriptor(),
            platform: try fields["platform"]?.platform(),
            platformJSON: fields["platform"]?.value.compacted(escapingHTML: true),
            artifactType: fields["artifactType"]?.value.string.flatMap { $0.isEmpty ? nil : $0 },
            isReference: annotations?.value["vnd.docker.reference.type"] != nil
        )
    }

    /// The field as a list of strings.
    private func texts() throws(MalformedManifest) -> [String] {
        let texts = value.elements?.compactMap { $0.isNull ? "" : $0.string }
        guard let texts, texts.count == value.elements?.count else { throw isNot("a list of strings") }
        return texts
    }

    /// Fails unless the field is an object of strings.
    func requireTexts() throws(MalformedManifest) {
        guard value.isObject else { throw isNot("an object") }
        try value.forEachMember { (member) throws(MalformedManifest) in
            guard member.value.isNull || member.value.isString else {
                throw ManifestField(path: "\(path).\(member.key)", value: member.value).isNot("a string")
            }
        }
    }

    /// The string members of an object as JSON sorted by key, optionally with `null` as an empty string; nil if there
    /// are none.
    func textsJSON(countingNull: Bool) -> [UInt8]? {
        var texts: [String: String] = [:]
        value.forEachMember { member in
            if let text = countingNull && member.value.isNull ? "" : member.value.string { texts[member.key] = text }
        }
        guard !texts.isEmpty else { return nil }
        var writer = JSONWriter(.compact)
        writer.object { writer in
            for (key, text) in texts.sorted(by: { $0.key < $1.key }) {
                writer.key(key)
                writer.string(text)
            }
        }
        return writer.bytes
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
