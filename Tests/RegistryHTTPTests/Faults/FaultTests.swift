import ImageModel
import Storage
import SystemLibraries
import Testing

@Suite("A storage whose n-th change fails") struct FaultTests {
    /// What a client does.
    enum Request: CaseIterable, Sendable {
        case blob, chunks, manifest, layer, checksum, tag, deleteTag, deleteManifest
    }

    /// What is pushed before and during the fault.
    private struct World: Sendable {
        let v2: V2Client
        let v1: V1Daemon
        let oldImage: TestImage
        let newImage: TestImage
        let blob = Array("a blob".utf8)

        init(port: Int) throws {
            oldImage = TestImage(TestImage.id("01d"), layer: try TestLayer.gzip(TestLayer.tar("old", [1])))
            newImage = TestImage(TestImage.id("2e3"), layer: try TestLayer.gzip(TestLayer.tar("new", [2])))
            v2 = V2Client(port: port)
            v1 = V1Daemon(port: port)
        }

        func manifest(_ text: String, _ configuration: String, size: Int) -> String {
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","annotations":{"is":"\(text)"},\
            "config":{"mediaType":"\(MediaType.dockerConfiguration)","size":\(size),"digest":"\(configuration)"},\
            "layers":[]}
            """
        }
    }

    @Test(
        "is an error for the client, loses nothing that was acknowledged, and hinders nobody who tries again",
        arguments: Request.allCases,
        FaultyStorage.Fault.allCases
    )
    func faults(request: Request, fault: FaultyStorage.Fault) async throws {
        for number in 0... {
            let storage = FaultyStorage(MemoryStorage())
            let hasFailed = try await withRegistry(over: storage) { port, _ in
                let world = try World(port: port)
                let old = try await prepare(world)
                storage.arm(fault, at: number)
                let status = try await perform(request, world, old)
                let hasFailed = storage.disarm()
                #expect(hasFailed ? [500, 503, 507].contains(status) : status < 300, "\(number): \(status)")
                try await verify(request, world, old, isDone: !hasFailed)
                return hasFailed
            }
            if !hasFailed {
                #expect(number > 0)
                return
            }
            try #require(number < 60)
        }
    }

    /// The digests of what stands before.
    private struct Old: Sendable {
        let configuration: String
        let size: Int
        let manifest: String
    }

    private func prepare(_ world: World) async throws -> Old {
        let bytes = Array(#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"#.utf8)
        let configuration = try await world.v2.push(blob: bytes, into: "a/b")
        let text = world.manifest("old", configuration, size: bytes.count)
        let digest = try await world.v2.push(manifest: text, .schema2, "a/b", "tag")
        #expect(try await world.v1.push(world.oldImage) == [200, 200, 200])
        #expect(try await world.v1.tag("a/v1", "tag", world.oldImage.id) == 200)
        #expect(try await world.v1.putJSON(world.newImage) == 200)
        #expect(try await world.v1.putLayer(world.newImage) == 200)
        return Old(configuration: configuration, size: bytes.count, manifest: digest)
    }

    private func perform(_ request: Request, _ world: World, _ old: Old) async throws -> Int {
        let port = world.v2.port
        switch request {
        case .blob:
            let digest = Digest(.sha256, of: world.blob)
            return try await exchange("POST", "/v2/a/b/blobs/uploads/?digest=\(digest)", body: world.blob, port: port)
                .status
        case .chunks: return try await pushInChunks(world)
        case .layer: return try await world.v1.putLayer(world.newImage)
        case .manifest:
            return try await exchange(
                "PUT",
                "/v2/a/b/manifests/tag",
                headers: ["Content-Type": MediaType.schema2.description],
                body: Array(world.manifest("new", old.configuration, size: old.size).utf8),
                port: port
            ).status
        case .checksum: return try await world.v1.putChecksum(world.newImage)
        case .tag: return try await world.v1.tag("a/b", "tag", world.oldImage.id)
        case .deleteTag: return try await exchange("DELETE", "/v2/a/b/manifests/tag", port: port).status
        case .deleteManifest:
            return try await exchange("DELETE", "/v2/a/b/manifests/\(old.manifest)", port: port).status
        }
    }

    /// Pushes the blob in two chunks, and goes on with none that is refused.
    private func pushInChunks(_ world: World) async throws -> Int {
        let port = world.v2.port
        let begun = try await exchange("POST", "/v2/a/b/blobs/uploads/", port: port)
        guard begun.status < 300, let location = begun["location"] else { return begun.status }
        let path = RegistryClient.path(of: location)
        let chunks = [world.blob.prefix(2), world.blob.dropFirst(2)]
        let first = try await exchange("PATCH", path, body: Array(chunks[0]), port: port)
        guard first.status < 300 else { return first.status }
        let digest = Digest(.sha256, of: world.blob)
        return try await exchange("PUT", "\(path)&digest=\(digest)", body: Array(chunks[1]), port: port).status
    }

    /// What was acknowledged is there, what was not is there whole or not at all, and what failed can be done again.
    private func verify(_ request: Request, _ world: World, _ old: Old, isDone: Bool) async throws {
        let tag = try await world.v2.get("a/b/manifests/tag")
        let isDelete = request == .deleteTag || request == .deleteManifest
        switch request {
        case .blob, .chunks, .layer, .checksum: #expect(tag["docker-content-digest"] == old.manifest)
        case .manifest, .tag:
            #expect(tag.status == 200)
            if isDone { #expect(tag["docker-content-digest"] != old.manifest) }
        case .deleteTag, .deleteManifest: #expect(isDone ? tag.status == 404 : [200, 404].contains(tag.status))
        }
        if tag.status == 200 {
            let digest = try #require(tag["docker-content-digest"])
            #expect(digest == Digest(.sha256, of: tag.body).description)
            #expect(try await world.v2.get("a/b/manifests/\(digest)").body == tag.body)
        }
        #expect(try await world.v2.get("a/b/blobs/\(old.configuration)").status == 200)
        #expect(try await world.v1.get("images/\(world.oldImage.id)/layer").body == world.oldImage.layer)
        guard !isDone else { return }
        // What was to be deleted may be gone.
        let again = request == .checksum ? try await pushAgain(world) : try await perform(request, world, old)
        #expect(again < 300 || isDelete && again == 404, "again: \(again)")
        switch request {
        case .blob, .chunks:
            let digest = Digest(.sha256, of: world.blob)
            #expect(try await world.v2.get("a/b/blobs/\(digest)").body == world.blob)
        case .layer: #expect(try await world.v1.putChecksum(world.newImage) == 200)
        case .checksum:
            #expect(try await world.v1.get("images/\(world.newImage.id)/layer").body == world.newImage.layer)
        case .manifest, .tag:
            #expect(try await world.v2.get("a/b/manifests/tag")["docker-content-digest"] != old.manifest)
        case .deleteTag, .deleteManifest: #expect(try await world.v2.get("a/b/manifests/tag").status == 404)
        }
    }

    /// Pushes the new image as a daemon does that was told of an error: from its JSON on, unless it is there.
    private func pushAgain(_ world: World) async throws -> Int {
        if try await world.v1.get("images/\(world.newImage.id)/json").status == 200 { return 200 }
        #expect(try await world.v1.putJSON(world.newImage) == 200)
        #expect(try await world.v1.putLayer(world.newImage) == 200)
        return try await world.v1.putChecksum(world.newImage)
    }
}
