import ImageModel
import NIOCore
import Storage
import SystemLibraries

@testable import RegistryCore

/// What the clients of a schedule do.
extension CollectionSchedule {
    /// The images that clients push, made once: a schedule uses each many times.
    private static let images = (0..<imageCount).map { number in Result { try image(number) } }

    private func image(_ number: Int) throws -> (manifest: Manifest, blobs: [[UInt8]]) {
        try Self.images[number].get()
    }

    private static func image(_ number: Int) throws -> (manifest: Manifest, blobs: [[UInt8]]) {
        let layers = [layers[number % 3], layers[(number + 1) % 3]]
        let digests = layers.map { Digest(.sha256, of: $0) }
        let diffIDs = digests.map { "\"\($0)\"" }.joined(separator: ",")
        let configuration = Array(
            """
            {"architecture":"amd64","os":"linux","author":"\(number)","rootfs":{"type":"layers","diff_ids":[\(diffIDs)]}}
            """.utf8
        )
        let named = zip(layers, digests).map { layer, digest in
            "{\"mediaType\":\"\(MediaType.dockerLayerTar)\",\"size\":\(layer.count),\"digest\":\"\(digest)\"}"
        }
        let manifest = """
            {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":\
            "\(MediaType.dockerConfiguration)","size":\(configuration.count),"digest":\
            "\(Digest(.sha256, of: configuration))"},"layers":[\(named.joined(separator: ","))]}
            """
        return (try Manifest(parsing: Array(manifest.utf8), contentType: nil), [configuration] + layers)
    }

    /// Pushes an image. A client without the bytes (`has` is false) relies on blobs that are already stored.
    func push(_ number: Int, tag: String, in text: String, _ world: World, has: Bool) async throws {
        let (manifest, blobs) = try image(number)
        let name = try RepositoryName(parsing: text)
        let reference = Reference.tag(try ImageModel.Tag(parsing: tag))
        // Other images take over the tag `t`, and an image left untagged may be removed.
        let isKept = tag != "t" || world.policy.untaggedAge == nil
        try await push(manifest, reference, in: name, world, isKept: isKept) {
            guard has else { return }
            for blob in blobs { try await upload(blob, into: name, world) }
        }
    }

    private func push(
        _ manifest: Manifest,
        _ reference: Reference,
        in name: RepositoryName,
        _ world: World,
        isKept: Bool = true,
        child: Digest? = nil,
        preparing prepare: () async throws -> Void
    ) async throws {
        let digest = Digest(.sha256, of: manifest.bytes)
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

    private func upload(_ blob: [UInt8], into name: RepositoryName, _ world: World) async throws {
        let digest = Digest(.sha256, of: blob)
        if try await isHere(digest, in: name, world) { return }
        let id = try await world.registry.uploads.begin(in: name)
        let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        continuation.yield(ByteBuffer(bytes: blob))
        continuation.finish()
        try await world.registry.uploads.finish(id, as: digest, in: name, appending: body, at: 0)
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
        let (manifest, _) = try image(number)
        let name = try RepositoryName(parsing: text)
        let reference = Reference.tag(try ImageModel.Tag(parsing: "m\(number)"))
        try await push(manifest, reference, in: name, world) {
            for blob in manifest.requiredBlobs { _ = try await world.registry.mount(blob, from: nil, into: name) }
        }
    }

    /// Pushes an image by digest, and a tagged index that names it. A client without the image (`has` is false) relies on
    /// one that is already stored.
    func pushIndex(_ number: Int, in text: String, _ world: World, has: Bool) async throws {
        let (child, blobs) = try image(number)
        let name = try RepositoryName(parsing: text)
        let digest = Digest(.sha256, of: child.bytes)
        let index = try Manifest(
            parsing: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[{"mediaType":\
                "\(MediaType.schema2)","size":\(child.bytes.count),"digest":"\(digest)"}]}
                """.utf8
            ),
            contentType: nil
        )
        let reference = Reference.tag(try ImageModel.Tag(parsing: "i\(number)"))
        try await push(index, reference, in: name, world, child: digest) {
            guard has else { return }
            for blob in blobs { try await upload(blob, into: name, world) }
            _ = try await world.registry.put(child, under: .digest(digest), in: name)
        }
    }

    func delete(_ number: Int, in text: String, _ world: World) async throws {
        let name = try RepositoryName(parsing: text)
        let digest = Digest(.sha256, of: try image(number).manifest.bytes)
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
