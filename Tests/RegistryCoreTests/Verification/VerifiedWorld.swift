import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries
import TestSupport

@testable import RegistryCore

/// A registry with content of every kind in both layouts, to be damaged.
struct VerifiedWorld {
    let storage: any ObjectStorage
    let registry: Registry
    /// A repository with v2 images, an index and a schema1 manifest.
    let app: RepositoryName
    /// A repository that shares an image with `app`.
    let other: RepositoryName
    /// A repository whose image was pushed through v1 and converted.
    let old: RepositoryName
    /// The same by its v1 name.
    let v1Name = V1RepositoryName(namespace: "a", repository: "old")
    /// A repository that docker-registry wrote, and that no client has pulled yet.
    let untouched = V1RepositoryName(namespace: "a", repository: "untouched")
    /// The manifests of `app`.
    private(set) var one: Digest
    private(set) var two: Digest
    private(set) var list: Digest
    private(set) var schema1: Digest

    init(_ storage: any ObjectStorage = MemoryStorage()) async throws {
        self.storage = storage
        app = try RepositoryName(parsing: "a/app")
        other = try RepositoryName(parsing: "other")
        old = try RepositoryName(parsing: "a/old")
        var configuration = Registry.Configuration(conversionConcurrency: 2, v1: V1Settings(conversion: .onAccess))
        // Damage is seen at once.
        configuration.window = .zero
        registry = openRegistry(storage, configuration)
        (one, two, list, schema1) = (EmptyLayer.digest, EmptyLayer.digest, EmptyLayer.digest, EmptyLayer.digest)
        try await registry.prepare()
        let tree = TestTree(storage: storage)
        let id = try await tree.add("4", layer: Self.layer(4))
        try await tree.tag("latest", untouched, id)
        try await push()
        // Records of a conversion to schema1.
        _ = try await registry.manifest(
            .tag(ImageModel.Tag(parsing: "one")),
            in: app,
            accepting: ["\(MediaType.schema1Signed)"],
            by: ClientAgent("docker/1.9.1")
        )
    }

    /// A layer: a tar without files, of a length of its own.
    static func layer(_ number: Int) -> [UInt8] { [UInt8](repeating: 0, count: 512 * (number + 10)) }

    /// The digest of a layer.
    static func digest(_ number: Int) -> Digest { Digest(.sha256, of: layer(number)) }

    /// Pushes everything, as clients do: what they are told is there they do not push.
    mutating func push() async throws {
        one = try await push("one", Self.layer(11), as: "one", in: app)
        two = try await push("two", Self.layer(12), as: "two", in: app)
        _ = try await push("one", Self.layer(11), as: "latest", in: other)
        list = try await registry.put(Manifest(parsing: index, contentType: nil), under: tag("list"), in: app)
        schema1 = try await pushSchema1()
        var parents: [V1ImageID] = []
        for (number, digit) in zip([1, 2, 3], "123") {
            parents.insert(try await pushV1(digit, Self.layer(number), below: parents), at: 0)
        }
        _ = try await pushV1("4", Self.layer(4), below: [])
        let list = ByteBuffer(string: "[{\"id\": \"\(parents[0])\"}]")
        try await registry.v1Repositories.add(list, to: v1Name)
        try await registry.bridge.set("latest", to: parents[0], by: ClientAgent(nil), in: v1Name)
    }

    private var index: [UInt8] {
        let entries = [one, two].map { "{\"mediaType\":\"\(MediaType.schema2)\",\"size\":500,\"digest\":\"\($0)\"}" }
        let text =
            "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.ociIndex)\",\"manifests\":[\(entries.joined(separator: ","))]}"
        return Array(text.utf8)
    }

    private func tag(_ text: String) throws -> Reference { .tag(try ImageModel.Tag(parsing: text)) }

    private func upload(_ bytes: [UInt8], to name: RepositoryName) async throws {
        let digest = Digest(.sha256, of: bytes)
        do {
            _ = try await registry.blob(digest, in: name, isRead: false)
            return
        } catch RegistryError.blobUnknown {}
        let id = try await registry.uploads.begin(in: name)
        _ = try await registry.uploads.append(Self.stream(bytes), at: 0, to: id, in: name)
        try await registry.uploads.finish(id, as: digest, in: name)
    }

    private static func stream(_ bytes: [UInt8]) -> AsyncStream<ByteBuffer> {
        AsyncStream { continuation in
            continuation.yield(ByteBuffer(bytes: bytes))
            continuation.finish()
        }
    }

    private func push(_ author: String, _ layer: [UInt8], as tag: String, in name: RepositoryName) async throws
        -> Digest
    {
        let configuration = Array(
            """
            {"architecture":"amd64","os":"linux","author":"\(author)","config":{},"history":[{"created_by":"x"}],\
            "rootfs":{"type":"layers","diff_ids":["\(Digest(.sha256, of: layer))"]}}
            """.utf8
        )
        for blob in [configuration, layer] { try await upload(blob, to: name) }
        let manifest = """
            {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":\
            "\(MediaType.dockerConfiguration)","size":\(configuration.count),"digest":\
            "\(Digest(.sha256, of: configuration))"},"layers":[{"mediaType":"\(MediaType.dockerLayerTar)",\
            "size":\(layer.count),"digest":"\(Digest(.sha256, of: layer))"}]}
            """
        let parsed = try Manifest(parsing: Array(manifest.utf8), contentType: nil)
        return try await registry.put(parsed, under: self.tag(tag), in: name)
    }

    private func pushSchema1() async throws -> Digest {
        let payload = """
            {
               "schemaVersion": 1,
               "name": "a/app",
               "tag": "schema1",
               "architecture": "amd64",
               "fsLayers": [{"blobSum": "\(Self.digest(11))"}],
               "history": [{"v1Compatibility": "{\\"id\\":\\"\(String(repeating: "9", count: 64))\\"}"}]
            }
            """
        let signed = try await registry.signer.sign(Array(payload.utf8))
        let manifest = try Manifest(parsing: signed.bytes, contentType: .schema1Signed)
        return try await registry.put(manifest, under: tag("schema1"), in: app)
    }

    private func pushV1(_ digit: Character, _ layer: [UInt8], below parents: [V1ImageID]) async throws -> V1ImageID {
        let id = try TestTree.id(digit)
        let json = TestTree.json(id, parent: parents.first)
        do { try await registry.pushes.begin(id, json: ByteBuffer(bytes: json)) } catch RegistryError.v1(.imageExists) {
            return id
        }
        try await registry.pushes.receive(layer: Self.stream(layer), of: id)
        let checksum = Digest(.sha256, of: json + Array("\n".utf8) + layer).description
        try await registry.pushes.complete(id, PushChecksum(payload: checksum, tarsum: nil, isFromOldClient: false))
        return id
    }

    /// The result of a verification.
    func verify(repairs: Bool = false) async throws -> VerificationReport {
        var options = VerificationOptions()
        options.repairs = repairs
        return try await registry.verifier.run(options, progress: VerificationProgress())
    }
}

/// Damage.
extension VerifiedWorld {
    /// The configuration of a manifest.
    func configuration(of manifest: Digest) async throws -> Digest {
        let stored = try await registry.manifests.read(manifest, in: app)
        return stored.requiredBlobs[0]
    }

    func bytes(_ key: ObjectKey) async throws -> [UInt8] {
        Array(buffer: try await storage.read(key, limit: 1 << 20) ?? ByteBuffer())
    }

    func write(_ bytes: [UInt8], _ key: ObjectKey) async throws {
        try await storage.write(ByteBuffer(bytes: bytes), to: key)
    }

    func write(_ text: String, _ key: ObjectKey) async throws { try await write(Array(text.utf8), key) }

    func flip(_ key: ObjectKey) async throws {
        var bytes = try await bytes(key)
        bytes[bytes.count / 2] ^= 1
        try await write(bytes, key)
    }

    func cut(_ key: ObjectKey) async throws {
        let bytes = try await bytes(key)
        try await write(Array(bytes.prefix(bytes.count / 2)), key)
    }

    func swap(_ first: ObjectKey, _ second: ObjectKey) async throws {
        let (old, new) = (try await bytes(first), try await bytes(second))
        try await write(new, first)
        try await write(old, second)
    }

    /// The only object below a prefix whose key contains a text.
    func object(below prefix: String, _ text: String = "") async throws -> ObjectKey {
        var found: [ObjectKey] = []
        try await storage.forEachObject(below: try ObjectKey(validating: prefix)) { found += $0 }
        guard let key = found.sorted().first(where: { $0.description.contains(text) }) else {
            throw StorageError.absent(try ObjectKey(validating: prefix))
        }
        return key
    }
}
