/// A manifest of any kind: its bytes, and the blobs and manifests that it names.
///
/// OCI Image Specification 1.1, "Image Manifest" and "Image Index"; Docker's "Image Manifest V 2", schemas 1 and 2.
package struct Manifest: Sendable {
    /// The bytes as they were pushed.
    package let bytes: [UInt8]
    /// What the manifest is, as it must be declared to clients.
    package let mediaType: MediaType
    /// The kind that its media type stands for.
    package let kind: Kind
    /// What stands in a schema1 manifest alone; nil in every other.
    package let schema1: Schema1?
    /// The image's or artifact's configuration.
    package let configuration: Descriptor?
    /// The layers, bottom first, and the `blobs` of artifacts; empty in schema1, whose layers have no sizes.
    package let layers: [Descriptor]
    /// What an index or a manifest list names.
    package let manifests: [PlatformDescriptor]
    /// The manifest that this one is about.
    package let subject: Descriptor?
    /// What kind of artifact this is, if that is said.
    package let artifactType: String?
    /// Free text about the manifest; empty if there is none.
    package let annotations: [String: String]

    /// Parses a manifest, which arrives from the network and is not trusted.
    ///
    /// - Parameter contentType: what the request or the store declares; nil, or one of the types that say nothing
    ///   (`application/json`, `application/octet-stream`, `text/plain`), leaves it to the body.
    package init(parsing bytes: [UInt8], contentType: MediaType?) throws(MalformedManifest) {
        let document: JSONText
        do { document = try JSONText(parsing: bytes) } catch { throw .notJSON(error) }
        guard let fields = ManifestFields(document) else { throw .notAnObject }
        let mediaType = try Self.mediaType(of: fields, declared: contentType)
        let kind = Kind(mediaType)
        if let version = kind.schemaVersion, fields["schemaVersion"]?.value.integer != version {
            throw .wrongSchemaVersion(expected: version)
        }
        if let field = kind.foreignFields.first(where: { fields[$0] != nil }) { throw .ambiguous(field: field) }
        self.bytes = bytes
        self.mediaType = mediaType
        self.kind = kind
        self.schema1 = kind == .schema1 ? try Schema1(fields) : nil
        self.configuration = kind == .schema1 ? nil : try fields["config"]?.descriptor()
        self.layers = kind == .schema1 ? [] : try fields.descriptors("layers") + fields.descriptors("blobs")
        self.manifests = kind == .schema1 ? [] : try fields.platformDescriptors("manifests")
        self.subject = try fields["subject"]?.descriptor()
        self.artifactType = try fields.text("artifactType")
        self.annotations = try fields["annotations"]?.annotations() ?? [:]
        try requireWhatTheKindHas(fields)
    }

    /// The blobs that must be in the repository before the manifest is accepted, in its order, each once.
    ///
    /// Layers that live elsewhere are left out.
    package var requiredBlobs: [Digest] {
        let descriptors = [configuration].compactMap(\.self) + layers.filter { !$0.mediaType.isForeignLayer }
        var seen: Set<Digest> = []
        return (descriptors.map(\.digest) + (schema1?.layers ?? [])).filter { seen.insert($0).inserted }
    }

    /// What the list of referrers says of this manifest: its own type, else its configuration's.
    ///
    /// OCI Distribution Specification 1.1, "Listing Referrers".
    package var referrerArtifactType: String? { artifactType ?? configuration?.mediaType.description }

    private func requireWhatTheKindHas(_ fields: ManifestFields) throws(MalformedManifest) {
        switch kind {
        case .schema1: break
        case .schema2, .ociManifest: if configuration == nil { throw .missing(field: "config") }
        case .manifestList, .ociIndex: if fields["manifests"] == nil { throw .missing(field: "manifests") }
        case .other:
            let graph = ["config", "layers", "blobs", "manifests", "subject"]
            if graph.allSatisfy({ fields[$0] == nil }) { throw .noDescriptors }
        }
    }

    private static func mediaType(
        of fields: ManifestFields,
        declared: MediaType?
    ) throws(MalformedManifest) -> MediaType {
        let body = try fields.text("mediaType").map { MediaType($0) }
        let declared = declared.flatMap { saysNothing.contains($0) ? nil : $0 }
        if let declared, let body, declared != body, Kind(declared) != .schema1 || Kind(body) != .schema1 {
            throw .mediaTypeMismatch(declared: declared, body: body)
        }
        guard let stated = declared ?? body ?? deducedMediaType(of: fields) else { throw .unrecognised }
        guard Kind(stated) == .schema1 else { return stated }
        return fields["signatures"] == nil ? .schema1 : .schema1Signed
    }

    private static func deducedMediaType(of fields: ManifestFields) -> MediaType? {
        if fields["schemaVersion"]?.value.integer == 1 { return .schema1 }
        if fields["manifests"] != nil { return .ociIndex }
        return fields["config"] == nil ? nil : .ociManifest
    }

    /// Types that clients send when they do not know: curl's, and Docker 1.6's `application/json`.
    private static let saysNothing: Set<MediaType> = [
        MediaType(""), .json, .octetStream, MediaType("text/plain"), MediaType("application/x-www-form-urlencoded"),
    ]
}
