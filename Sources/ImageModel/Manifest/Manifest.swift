/// A manifest of any kind: its bytes, and the blobs and manifests it references.
///
/// OCI Image Specification 1.1, "Image Manifest" and "Image Index"; Docker's "Image Manifest V 2", schemas 1 and 2.
/// Parsed like registry:2 does with Go's JSON decoder: keys are case-insensitive, `null` counts as absent, and only the
/// digest of a descriptor is required.
package struct Manifest: Sendable {
    /// The bytes as they were pushed.
    package let bytes: [UInt8]
    /// The type to declare to clients.
    package let mediaType: MediaType
    /// The kind that belongs to the media type.
    package let kind: Kind
    /// Why a stored manifest cannot be interpreted, although it is served as it is; nil if it is valid.
    package let fault: MalformedManifest?
    /// The layers of a schema1 manifest that are referenced by tarsum, resolved or not.
    package let tarsums: [Tarsum]
    private let content: ManifestContent

    /// The schema1 content; nil for other kinds.
    package var schema1: Schema1? { content.schema1 }
    /// The image's or artifact's configuration.
    package var configuration: Descriptor? { content.configuration }
    /// The layers, bottom first, and the `blobs` of artifacts; empty for schema1, whose layers have no sizes.
    package var layers: [Descriptor] { content.layers }
    /// The entries of an index or manifest list.
    package var manifests: [PlatformDescriptor] { content.manifests }
    /// The manifest that this one refers to.
    package var subject: Descriptor? { content.subject }
    /// The artifact type, if given.
    package var artifactType: String? { content.artifactType }
    /// The annotations as a JSON object of strings, sorted by key; nil if there are none.
    ///
    /// Parsed from the bytes on each access: they may take many times their memory.
    package var annotationsJSON: [UInt8]? {
        guard fault == nil, let fields = try? Self.fields(of: bytes) else { return nil }
        return fields["annotations"]?.textsJSON(countingNull: kind == .ociManifest)
    }

    /// Parses an untrusted manifest from the network.
    ///
    /// - Parameter contentType: The type declared by the request. If it is nil or generic (`application/json`,
    ///   `application/octet-stream`, `text/plain`), the body decides.
    /// - Throws: ``MalformedManifest``, also for a type that the body does not show: the manifest would have another
    ///   type when read back from storage.
    package init(parsing bytes: [UInt8], contentType: MediaType?) throws(MalformedManifest) {
        let fields = try Self.fields(of: bytes)
        let mediaType = try Self.mediaType(of: fields, declared: contentType)
        let kind = Kind(mediaType)
        self.content = try ManifestContent(fields, kind, resolving: [:])
        guard kind == .schema1 || Self.storedMediaType(of: fields) == mediaType else {
            throw .undeclared(mediaType)
        }
        self.bytes = bytes
        self.mediaType = mediaType
        self.kind = kind
        self.fault = nil
        self.tarsums = []
    }

    /// Reads a stored manifest, whatever it contains. If it cannot be interpreted, ``fault`` has the reason.
    ///
    /// - Parameter layers: The digests of layers referenced by tarsum.
    package init(stored bytes: [UInt8], layers: [Tarsum: Digest] = [:]) {
        let fields: ManifestFields
        do { fields = try Self.fields(of: bytes) } catch {
            self.init(bytes, fault: error)
            return
        }
        self.init(bytes, fields, resolving: layers)
    }

    private init(_ bytes: [UInt8], _ fields: ManifestFields, resolving layers: [Tarsum: Digest]) {
        self.bytes = bytes
        mediaType = Self.storedMediaType(of: fields) ?? .json
        kind = Kind(mediaType)
        tarsums = kind == .schema1 ? Schema1.tarsums(in: fields) : []
        do {
            content = try ManifestContent(fields, kind, resolving: layers)
            fault = nil
        } catch {
            content = ManifestContent()
            fault = error
        }
    }

    /// Bytes that are not a JSON object.
    private init(_ bytes: [UInt8], fault: MalformedManifest) {
        self.bytes = bytes
        self.fault = fault
        mediaType = .octetStream
        kind = .other
        content = ManifestContent()
        tarsums = []
    }

    private init(_ manifest: Manifest, _ content: ManifestContent) {
        bytes = manifest.bytes
        mediaType = manifest.mediaType
        kind = manifest.kind
        fault = manifest.fault
        tarsums = manifest.tarsums
        self.content = content
    }

    /// The same manifest with the known sizes filled into its descriptors, some of which may lack them.
    package func measured(_ byteCounts: [Digest: Int64]) -> Manifest {
        Manifest(self, content.measured(byteCounts))
    }

    /// The blobs that must be in the repository before the manifest is accepted, in order, without duplicates.
    ///
    /// Foreign layers are excluded.
    package var requiredBlobs: [Digest] {
        let descriptors = [configuration].compactMap(\.self) + layers.filter { !$0.mediaType.isForeignLayer }
        var seen: Set<Digest> = []
        return (descriptors.map(\.digest) + (schema1?.layers ?? [])).filter { seen.insert($0).inserted }
    }

    /// The artifact type in referrer listings: the manifest's own, or else its configuration's media type.
    ///
    /// OCI Distribution Specification 1.1, "Listing Referrers".
    package var referrerArtifactType: String? {
        if let artifactType { return artifactType }
        guard let type = configuration?.mediaType.description, !type.isEmpty else { return nil }
        return type
    }

    private static func fields(of bytes: [UInt8]) throws(MalformedManifest) -> ManifestFields {
        let document: JSONText
        do { document = try JSONText(parsing: bytes) } catch { throw .notJSON(error) }
        guard let fields = ManifestFields(document) else { throw .notAnObject }
        return fields
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

    /// The type determined from the bytes alone.
    private static func storedMediaType(of fields: ManifestFields) -> MediaType? {
        if let text = fields["mediaType"]?.value.string, !text.isEmpty, Kind(MediaType(text)) != .schema1 {
            return MediaType(text)
        }
        guard let deduced = deducedMediaType(of: fields), Kind(deduced) == .schema1 else {
            return deducedMediaType(of: fields)
        }
        return fields["signatures"] == nil ? .schema1 : .schema1Signed
    }

    private static func deducedMediaType(of fields: ManifestFields) -> MediaType? {
        if fields["schemaVersion"]?.value.integer == 1 { return .schema1 }
        if fields["manifests"] != nil { return .ociIndex }
        if fields["config"] != nil { return .ociManifest }
        return fields.isWritten("manifests") ? .ociIndex : nil
    }

    /// Generic types that clients send: curl's, and Docker 1.6's `application/json`.
    private static let saysNothing: Set<MediaType> = [
        MediaType(""), .json, .octetStream, MediaType("text/plain"), MediaType("application/x-www-form-urlencoded"),
    ]
}
