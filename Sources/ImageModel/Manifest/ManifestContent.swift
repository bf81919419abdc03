/// The blobs and manifests a manifest references, parsed from its fields.
struct ManifestContent: Sendable {
    var schema1: Manifest.Schema1?
    var configuration: Descriptor?
    var layers: [Descriptor] = []
    var manifests: [PlatformDescriptor] = []
    var subject: Descriptor?
    var artifactType: String?

    /// The content of a manifest that cannot be interpreted.
    init() {}

    /// Parses the fields of a manifest of this kind.
    ///
    /// Fields unknown to registry:2 count as absent if malformed, because registry:2 accepts such manifests.
    /// - Parameter tarsums: The digests of layers referenced by tarsum.
    init(
        _ fields: ManifestFields,
        _ kind: Manifest.Kind,
        resolving tarsums: [Tarsum: Digest]
    ) throws(MalformedManifest) {
        if let version = kind.schemaVersion, fields["schemaVersion"]?.value.integer != version {
            throw .wrongSchemaVersion(expected: version)
        }
        if let field = kind.foreignFields.first(where: { fields[$0] != nil }) { throw .ambiguous(field: field) }
        if kind == .schema1 { schema1 = try Manifest.Schema1(fields, resolving: tarsums) }
        if kind.isOfOneImage || kind == .other {
            configuration = try fields["config"]?.descriptor()
            layers = try fields.descriptors("layers")
        }
        if kind == .other { layers += try fields.descriptors("blobs") }
        // Go writes an empty list as null, and registry:2 rejects a missing list.
        if kind.isIndex || kind == .other { manifests = try fields.platformDescriptors("manifests") }
        subject = try? fields["subject"]?.descriptor()
        artifactType = fields["artifactType"]?.value.string.flatMap { $0.isEmpty ? nil : $0 }
        if kind == .ociManifest { try fields["annotations"]?.requireTexts() }
        try requireWhatTheKindHas(fields, kind)
    }

    /// The same content with the known sizes filled in.
    func measured(_ byteCounts: [Digest: Int64]) -> ManifestContent {
        func measured(_ descriptor: Descriptor) -> Descriptor {
            guard let byteCount = byteCounts[descriptor.digest] else { return descriptor }
            return Descriptor(
                mediaType: descriptor.mediaType,
                digest: descriptor.digest,
                size: byteCount,
                urls: descriptor.urls
            )
        }
        var content = self
        content.configuration = configuration.map(measured)
        content.layers = layers.map(measured)
        return content
    }

    private func requireWhatTheKindHas(_ fields: ManifestFields, _ kind: Manifest.Kind) throws(MalformedManifest) {
        switch kind {
        case .schema1, .manifestList, .ociIndex: break
        case .schema2, .ociManifest: if configuration == nil { throw .missing(field: "config") }
        case .other:
            let graph = ["config", "layers", "blobs", "manifests", "subject"]
            if graph.allSatisfy({ fields[$0] == nil }) { throw .noDescriptors }
        }
    }
}
