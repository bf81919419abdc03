import ImageModel
import Storage
import SystemLibraries
import Testing

/// The state before a fault, the client's request, and what must hold afterwards.
struct FaultWorld: Sendable {
    /// The client's request.
    enum Request: CaseIterable, Sendable {
        case blob, chunks, manifest, layer, checksum, tag
        case deleteTag, deleteManifest, deleteV1Tag, deleteV1Repository, cancelUpload

        /// Whether its target can be read meanwhile. A v1 tag newer than v2's is converted on reading, under the tag's
        /// lock; an upload has one request at a time.
        var isReadableMeanwhile: Bool { self != .tag && self != .cancelUpload }

        var isDelete: Bool {
            switch self {
            case .blob, .chunks, .manifest, .layer, .checksum, .tag: false
            case .deleteTag, .deleteManifest, .deleteV1Tag, .deleteV1Repository, .cancelUpload: true
            }
        }
    }

    let v2: V2Client
    let v1: V1Daemon
    let oldImage: TestImage
    let newImage: TestImage
    let blob = Array("a blob".utf8)
    /// The existing content.
    let old: Old

    /// The existing content: digests, and an upload's location.
    struct Old: Sendable {
        let configuration: String
        let size: Int
        let manifest: String
        let upload: String
    }

    /// Pushes the existing content.
    init(port: Int) async throws {
        oldImage = TestImage(TestImage.id("01d"), layer: try TestLayer.gzip(TestLayer.tar("old", [1])))
        newImage = TestImage(TestImage.id("2e3"), layer: try TestLayer.gzip(TestLayer.tar("new", [2])))
        v2 = V2Client(port: port)
        v1 = V1Daemon(port: port)
        let bytes = Array(#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"#.utf8)
        let configuration = try await v2.push(blob: bytes, into: "a/b")
        let text = Self.manifest("old", configuration, size: bytes.count)
        let digest = try await v2.push(manifest: text, .schema2, "a/b", "tag")
        #expect(try await v1.push(oldImage) == [200, 200, 200])
        #expect(try await v1.tag("a/v1", "tag", oldImage.id) == 200)
        #expect(try await v1.putJSON(newImage) == 200)
        #expect(try await v1.putLayer(newImage) == 200)
        let begun = try await exchange("POST", "/v2/a/b/blobs/uploads/", port: port)
        let upload = RegistryClient.path(of: try #require(begun["location"]))
        #expect(try await exchange("PATCH", upload, body: blob, port: port).status == 202)
        old = Old(configuration: configuration, size: bytes.count, manifest: digest, upload: upload)
    }

    private static func manifest(_ text: String, _ configuration: String, size: Int) -> String {
        """
        {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","annotations":{"is":"\(text)"},\
        "config":{"mediaType":"\(MediaType.dockerConfiguration)","size":\(size),"digest":"\(configuration)"},\
        "layers":[]}
        """
    }

    /// Sends a request, and returns its status.
    func perform(_ request: Request) async throws -> Int {
        let port = v2.port
        switch request {
        case .blob:
            let digest = Digest(.sha256, of: blob)
            return try await exchange("POST", "/v2/a/b/blobs/uploads/?digest=\(digest)", body: blob, port: port)
                .status
        case .chunks: return try await pushInChunks()
        case .layer: return try await v1.putLayer(newImage)
        case .manifest:
            return try await exchange(
                "PUT",
                "/v2/a/b/manifests/tag",
                headers: ["Content-Type": MediaType.schema2.description],
                body: Array(Self.manifest("new", old.configuration, size: old.size).utf8),
                port: port
            ).status
        case .checksum: return try await v1.putChecksum(newImage)
        case .tag: return try await v1.tag("a/b", "tag", oldImage.id)
        case .deleteTag: return try await exchange("DELETE", "/v2/a/b/manifests/tag", port: port).status
        case .deleteManifest:
            return try await exchange("DELETE", "/v2/a/b/manifests/\(old.manifest)", port: port).status
        case .deleteV1Tag: return try await v1.delete("repositories/a/v1/tags/tag").status
        case .deleteV1Repository: return try await v1.delete("repositories/a/v1/").status
        case .cancelUpload: return try await exchange("DELETE", old.upload, port: port).status
        }
    }

    /// Pushes the blob in two chunks, and stops at one that is refused.
    private func pushInChunks() async throws -> Int {
        let port = v2.port
        let begun = try await exchange("POST", "/v2/a/b/blobs/uploads/", port: port)
        guard begun.status < 300, let location = begun["location"] else { return begun.status }
        let path = RegistryClient.path(of: location)
        let chunks = [blob.prefix(2), blob.dropFirst(2)]
        let first = try await exchange("PATCH", path, body: Array(chunks[0]), port: port)
        guard first.status < 300 else { return first.status }
        let digest = Digest(.sha256, of: blob)
        return try await exchange("PUT", "\(path)&digest=\(digest)", body: Array(chunks[1]), port: port).status
    }

    /// Repeats a failed request.
    func performAgain(_ request: Request) async throws -> Int {
        guard request == .checksum else { return try await perform(request) }
        // Like a daemon after an error: from the JSON on, unless the image exists.
        if try await v1.get("images/\(newImage.id)/json").status == 200 { return 200 }
        #expect(try await v1.putJSON(newImage) == 200)
        #expect(try await v1.putLayer(newImage) == 200)
        return try await v1.putChecksum(newImage)
    }

    /// Expects that acknowledged changes exist, and others exist as a whole or not at all.
    ///
    /// - Parameter isDone: Whether the request was acknowledged.
    func verify(_ request: Request, isDone: Bool) async throws {
        let tag = try await v2.get("a/b/manifests/tag")
        switch request {
        case .blob, .chunks, .layer, .checksum, .deleteV1Tag, .deleteV1Repository, .cancelUpload:
            #expect(tag["docker-content-digest"] == old.manifest)
        case .manifest, .tag:
            #expect(tag.status == 200)
            if isDone { #expect(tag["docker-content-digest"] != old.manifest) }
        case .deleteTag, .deleteManifest: #expect(isDone ? tag.status == 404 : [200, 404].contains(tag.status))
        }
        if tag.status == 200 {
            let digest = try #require(tag["docker-content-digest"])
            #expect(digest == Digest(.sha256, of: tag.body).description)
            #expect(try await v2.get("a/b/manifests/\(digest)").body == tag.body)
        }
        #expect(try await v2.get("a/b/blobs/\(old.configuration)").status == 200)
        #expect(try await v1.get("images/\(oldImage.id)/layer").body == oldImage.layer)
        try await verifyV1Tag(isDeleted: [.deleteV1Tag, .deleteV1Repository].contains(request) ? isDone : nil)
        let upload = try await exchange("GET", old.upload, port: v2.port).status
        if request == .cancelUpload {
            #expect(isDone ? upload == 404 : [204, 404].contains(upload))
        } else {
            #expect(upload == 204)
        }
    }

    /// - Parameter isDeleted: Whether the delete was acknowledged; nil if there was none.
    private func verifyV1Tag(isDeleted: Bool?) async throws {
        let tag = try await v1.get("repositories/a/v1/tags/tag")
        switch isDeleted {
        case nil: #expect(tag.status == 200)
        case true: #expect(tag.status == 404)
        case false: #expect([200, 404].contains(tag.status))
        }
        if isDeleted == nil { #expect(tag.body == Array("\"\(oldImage.id)\"".utf8)) }
        // Both protocols show the same.
        #expect(try await v2.get("a/v1/manifests/tag").status == tag.status)
    }

    /// Expects that the repeated request succeeded.
    func verifyAgain(_ request: Request) async throws {
        switch request {
        case .blob, .chunks:
            let digest = Digest(.sha256, of: blob)
            #expect(try await v2.get("a/b/blobs/\(digest)").body == blob)
        case .layer: #expect(try await v1.putChecksum(newImage) == 200)
        case .checksum: #expect(try await v1.get("images/\(newImage.id)/layer").body == newImage.layer)
        case .manifest, .tag: #expect(try await v2.get("a/b/manifests/tag")["docker-content-digest"] != old.manifest)
        case .deleteTag, .deleteManifest, .deleteV1Tag, .deleteV1Repository, .cancelUpload:
            try await verify(request, isDone: true)
        }
    }
}
