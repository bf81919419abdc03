import ImageModel
import NIOCore
import Storage
import SystemLibraries

@testable import RegistryCore

/// What the clients of a schedule do.
extension CollectionSchedule {
    /// An image that clients push.
    private struct Image: Sendable {
        let manifest: Manifest
        let digest: Digest
        let blobs: [Digest: ByteBuffer]

        /// Creates an image with a configuration of its own and a layer that every other image has too. They are small:
        /// without optimization, reading a manifest takes longer than most other steps.
        init(_ number: Int) throws {
            let layer = ByteBuffer(repeating: 0, count: 1024 + 512 * (number % 2))
            let configuration = ByteBuffer(string: "{\"os\":\"linux\",\"author\":\"\(number)\"}")
            let descriptors = [(configuration, MediaType.dockerConfiguration), (layer, MediaType.dockerLayerTar)].map {
                "{\"mediaType\":\"\($1)\",\"size\":\($0.readableBytes),\"digest\":\"\(Self.digest(of: $0))\"}"
            }
            let text = """
                {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":\(descriptors[0]),"layers":[\(descriptors[1])]}
                """
            manifest = try Manifest(parsing: Array(text.utf8), contentType: nil)
            digest = Digest(.sha256, of: manifest.bytes)
            blobs = [Self.digest(of: configuration): configuration, Self.digest(of: layer): layer]
        }

        private static func digest(of bytes: ByteBuffer) -> Digest { Digest(.sha256, of: bytes.readableBytesView) }
    }

    /// Made once: a schedule uses each many times.
    private static let images = (0..<imageCount).map { number in Result { try Image(number) } }

    private func image(_ number: Int) throws -> Image { try Self.images[number].get() }

    /// Stores the bytes of an image, as if it had been pushed and deleted.
    func addUnneeded(_ number: Int, in text: String, to storage: any ObjectStorage) async throws {
        let image = try image(number)
        let name = try RepositoryName(parsing: text)
        var batch = WriteBatch()
        batch.put(ByteBuffer(bytes: image.manifest.bytes), at: V2Layout.blobData(image.digest))
        for (digest, bytes) in image.blobs {
            batch.put(bytes, at: V2Layout.blobData(digest))
            batch.put(ByteBuffer(string: digest.description), at: V2Layout.layerLink(digest, in: name))
        }
        try await storage.commit(batch)
    }

    /// Pushes an image. A client without the bytes (`has` is false) relies on blobs that are already stored.
    func push(_ number: Int, tag: String, in text: String, _ world: World, has: Bool) async throws {
        let image = try image(number)
        let name = try RepositoryName(parsing: text)
        let reference = Reference.tag(try ImageModel.Tag(parsing: tag))
        // Other images take over the tag `t`, and an image left untagged may be removed.
        let isKept = tag != "t" || world.policy.untaggedAge == nil
        try await push(image.manifest, image.digest, reference, in: name, world, isKept: isKept) {
            if has { try await upload(image, into: name, world) }
        }
    }

    private func push(
        _ manifest: Manifest,
        _ digest: Digest,
        _ reference: Reference,
        in name: RepositoryName,
        _ world: World,
        isKept: Bool = true,
        child: Digest? = nil,
        preparing prepare: () async throws -> Void
    ) async throws {
        for _ in 0..<3 {
            do {
                let image = PushRecords.Image(digest: digest, name: name)
                let needed = child.map { PushRecords.Image(digest: $0, name: name) }
                try await world.records.push(image, needing: needed, isKept: isKept) {
                    try await prepare()
                    _ = try await world.registry.put(manifest, under: reference, in: name)
                }
                return
            } catch is RegistryError {
                // Something is missing, or it took too long: a client that has it pushes it again.
                continue
            } catch is StorageError {
                continue
            }
        }
    }

    /// Uploads the blobs of an image that are not there.
    private func upload(_ image: Image, into name: RepositoryName, _ world: World) async throws {
        for digest in image.manifest.requiredBlobs {
            guard let bytes = image.blobs[digest], try await !isHere(digest, in: name, world) else { continue }
            let id = try await world.registry.uploads.begin(in: name)
            let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
            continuation.yield(bytes)
            continuation.finish()
            try await world.registry.uploads.finish(id, as: digest, in: name, appending: body, at: 0)
        }
    }

    private func isHere(_ digest: Digest, in name: RepositoryName, _ world: World) async throws -> Bool {
        do {
            _ = try await world.registry.blob(digest, in: name, isRead: false)
            return true
        } catch RegistryError.blobUnknown {
            return false
        }
    }

    /// Mounts the blobs of an image from any repository, and pushes its manifest.
    func mount(_ number: Int, in text: String, _ world: World) async throws {
        let image = try image(number)
        let name = try RepositoryName(parsing: text)
        let reference = Reference.tag(try ImageModel.Tag(parsing: "m\(number)"))
        try await push(image.manifest, image.digest, reference, in: name, world) {
            for blob in image.manifest.requiredBlobs { _ = try await world.registry.mount(blob, from: nil, into: name) }
        }
    }

    /// Pushes an image by digest, and a tagged index that names it. A client without the image (`has` is false) relies on
    /// one that is already stored.
    func pushIndex(_ number: Int, in text: String, _ world: World, has: Bool) async throws {
        let child = try image(number)
        let name = try RepositoryName(parsing: text)
        let index = try Manifest(
            parsing: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[{"mediaType":\
                "\(MediaType.schema2)","size":\(child.manifest.bytes.count),"digest":"\(child.digest)"}]}
                """.utf8
            ),
            contentType: nil
        )
        let reference = Reference.tag(try ImageModel.Tag(parsing: "i\(number)"))
        try await push(index, Digest(.sha256, of: index.bytes), reference, in: name, world, child: child.digest) {
            guard has else { return }
            try await upload(child, into: name, world)
            _ = try await world.registry.put(child.manifest, under: .digest(child.digest), in: name)
        }
    }

    func delete(_ number: Int, in text: String, _ world: World) async throws {
        let name = try RepositoryName(parsing: text)
        let digest = try image(number).digest
        await world.records.delete(PushRecords.Image(digest: digest, name: name)) {
            // The manifest may not exist.
            try? await world.registry.deleteManifest(digest, in: name)
        }
    }

    /// Pushes a v1 image and its parent, unless it is there, and sets a tag to it, which converts the image.
    func pushV1(_ number: Int, in text: String, _ world: World) async throws {
        let parent = try V1ImageID(parsing: String(repeating: number < 2 ? "a" : "b", count: 64))
        let id = try V1ImageID(parsing: String(repeating: "\(number)", count: 64))
        let v1Name = V1RepositoryName(namespace: "v1", repository: text == "a" ? "a" : "b")
        let images: [(V1ImageID, V1ImageID?, Int)] = [(parent, nil, 8), (id, parent, number + 2)]
        for (id, parent, count) in images {
            do { try await world.registry.push(id, parent: parent, zeroBlockCount: count) } catch is RegistryError {
                // Another client has pushed it, or is pushing it; or its parent was removed.
            } catch is StorageError {
                return
            }
        }
        do { try await world.registry.bridge.set("t", to: id, by: ClientAgent(nil), in: v1Name) } catch {
            return
        }
    }

    func deleteV1(in text: String, _ world: World) async throws {
        let name = try RepositoryName(parsing: text == "a" ? "v1/a" : "v1/b")
        // The tag may not exist.
        try? await world.registry.deleteTag(try ImageModel.Tag(parsing: "t"), in: name)
    }
}
