import ImageModel
import NIOCore
import Storage
import SystemLibraries
import TestSupport

@testable import RegistryCore

/// Concurrent pushes of the same and of different images, mounts, deletes, retags, v1 pushes and collections, in an
/// order determined by a seed.
struct CollectionSchedule: Sendable {
    /// A failed check: part of an acknowledged image is gone, or unneeded content is left.
    struct Loss: Error, CustomStringConvertible {
        let description: String
    }

    let seed: UInt64
    var rules = CollectionRules.all
    /// Whether to include v1 pushes and conversions, which use threads of their own.
    var hasV1 = false

    private static let layers = (1...3).map { [UInt8](repeating: 0, count: 512 * ($0 + 1)) }
    private static let names = ["a", "b/c"]
    private static let imageCount = 4

    /// Runs the schedule.
    ///
    /// - Throws: ``Loss`` if a check fails.
    func run() async throws {
        try await SeededExecutor.run(seed: seed) { try await play() }
    }

    /// The registry under test and what its clients know.
    struct World: Sendable {
        let storage: any ObjectStorage
        let registry: Registry
        let records = PushRecords()
        let policy: CollectionPolicy
    }

    private func play() async throws {
        var generator = SeededGenerator(seed: seed &* 0x9E37_79B9)
        let storage = MemoryStorage()
        let registry = openRegistry(
            YieldingStorage(storage, seed: generator.next()),
            Registry.Configuration(conversionConcurrency: 2),
            rules: rules
        )
        let policy = CollectionPolicy(grace: .zero, untaggedAge: Bool.random(using: &generator) ? nil : .zero)
        let world = World(storage: storage, registry: registry, policy: policy)
        // Start with unneeded content.
        for number in 0..<2 { try await push(number, tag: "t", in: Self.names[0], world, has: true) }
        for number in 0..<2 { try await delete(number, in: Self.names[0], world) }
        let plans = (0..<Int.random(in: 2...4, using: &generator)).map { _ in generator.next() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for plan in plans { group.addTask { try await work(SeededGenerator(seed: plan), world) } }
            group.addTask {
                for _ in 0..<2 {
                    await Task.yield()
                    _ = try await registry.collector.run(policy)
                }
            }
            try await group.waitForAll()
        }
        try await check(world, "at the end")
        _ = try await registry.collector.run(policy)
        try await check(world, "after another collection")
        try await checkGarbage(world)
    }

    /// Performs the operations of one client, one after the other.
    private func work(_ start: SeededGenerator, _ world: World) async throws {
        var generator = start
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let number = Int.random(in: 0..<Self.imageCount, using: &generator)
            let name = Self.names.randomElement(using: &generator) ?? "a"
            switch Int.random(in: 0..<(hasV1 ? 10 : 8), using: &generator) {
            case 0, 1: try await push(number, tag: "t\(number)", in: name, world, has: true)
            case 2: try await push(number, tag: "t", in: name, world, has: true)
            case 3: try await push(number, tag: "t\(number)", in: name, world, has: false)
            case 4: try await mount(number, in: name, world)
            case 5: try await pushIndex(number, in: name, world)
            case 6, 7: try await delete(number, in: name, world)
            default: try await pushV1(number, in: name, world)
            }
        }
    }

    private func image(_ number: Int) throws -> (manifest: Manifest, blobs: [[UInt8]]) {
        let layers = [Self.layers[number % 3], Self.layers[(number + 1) % 3]]
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
    private func push(_ number: Int, tag: String, in text: String, _ world: World, has: Bool) async throws {
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
                // Something is missing: a client that has it pushes it again.
                continue
            } catch StorageError.absent {
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
    private func mount(_ number: Int, in text: String, _ world: World) async throws {
        let (manifest, _) = try image(number)
        let name = try RepositoryName(parsing: text)
        let reference = Reference.tag(try ImageModel.Tag(parsing: "m\(number)"))
        try await push(manifest, reference, in: name, world) {
            for blob in manifest.requiredBlobs { _ = try await world.registry.mount(blob, from: nil, into: name) }
        }
    }

    /// Pushes an image by digest, and a tagged index that names it.
    private func pushIndex(_ number: Int, in text: String, _ world: World) async throws {
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
            for blob in blobs { try await upload(blob, into: name, world) }
            _ = try await world.registry.put(child, under: .digest(digest), in: name)
        }
    }

    private func delete(_ number: Int, in text: String, _ world: World) async throws {
        let name = try RepositoryName(parsing: text)
        let digest = Digest(.sha256, of: try image(number).manifest.bytes)
        await world.records.delete(PushRecords.Image(digest: digest, name: name)) {
            // The manifest may not exist.
            try? await world.registry.deleteManifest(digest, in: name)
        }
    }

    /// Pushes a v1 image and sets a tag to it, which converts the image.
    private func pushV1(_ number: Int, in text: String, _ world: World) async throws {
        let id = try V1ImageID(parsing: String(repeating: "\(number)", count: 64))
        let v1Name = V1RepositoryName(namespace: "v1", repository: text == "a" ? "a" : "b")
        do { try await world.registry.push(id, zeroBlockCount: number + 2) } catch is RegistryError {
            // Another client has pushed it, or is pushing it.
        } catch StorageError.absent {
            return
        }
        do { try await world.registry.bridge.set("t", to: id, by: ClientAgent(nil), in: v1Name) } catch {
            return
        }
    }
}
