import ImageModel
import Logging
import NIOCore
import RegistryCore
import Storage
import SystemLibraries

/// A registry on `storage`, as opened by one process.
func openRegistry(_ storage: any ObjectStorage, v1: V1Settings = V1Settings()) -> Registry {
    openRegistry(storage, Registry.Configuration(conversionConcurrency: 2, v1: v1))
}

/// The same with a given configuration.
///
/// - Parameters:
///   - ledger: The ledger of its writers and its collections; nil for the storage's own.
///   - rules: Which rules hold between them.
func openRegistry(
    _ storage: any ObjectStorage,
    _ configuration: Registry.Configuration,
    ledger: (any CollectionLedger)? = nil,
    rules: CollectionRules = .all
) -> Registry {
    Registry(
        storage: storage,
        isReadOnly: false,
        configuration: configuration,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        ledger: ledger,
        rules: rules
    )
}

extension Registry {
    /// Pushes a v1 image whose layer is an empty tar, followed by zeros to make it unique.
    func push(_ id: V1ImageID, parent: V1ImageID? = nil, zeroBlockCount: Int) async throws {
        let below = parent.map { "\"parent\":\"\($0)\"," } ?? ""
        let json = "{\"id\":\"\(id)\",\(below)\"created\":\"2015-01-01T00:00:00Z\",\"os\":\"linux\"}"
        let layer = [UInt8](repeating: 0, count: 512 * zeroBlockCount)
        let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        continuation.yield(ByteBuffer(bytes: layer))
        continuation.finish()
        try await pushes.begin(id, json: ByteBuffer(string: json))
        try await pushes.receive(layer: body, of: id)
        let checksum = Digest(.sha256, of: Array("\(json)\n".utf8) + layer).description
        try await pushes.complete(id, PushChecksum(payload: checksum, tarsum: nil, isFromOldClient: false))
    }

    /// Pushes a v2 image with one layer, an empty tar, and returns its manifest's digest.
    func push(_ text: String, as reference: Reference, in name: RepositoryName) async throws -> Digest {
        let configuration = Array(
            """
            {"architecture":"amd64","os":"linux","author":"\(text)","config":{},\
            "rootfs":{"type":"layers","diff_ids":["\(Digest(.sha256, of: [UInt8](repeating: 0, count: 1024)))"]}}
            """.utf8
        )
        let layer = [UInt8](repeating: 0, count: 1024)
        for blob in [configuration, layer] {
            let id = try await uploads.begin(in: name)
            let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
            continuation.yield(ByteBuffer(bytes: blob))
            continuation.finish()
            _ = try await uploads.append(body, at: 0, to: id, in: name)
            try await uploads.finish(id, as: Digest(.sha256, of: blob), in: name)
        }
        let manifest = """
            {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":\
            "\(MediaType.dockerConfiguration)","size":\(configuration.count),"digest":\
            "\(Digest(.sha256, of: configuration))"},"layers":[{"mediaType":"\(MediaType.dockerLayerTar)",\
            "size":\(layer.count),"digest":"\(Digest(.sha256, of: layer))"}]}
            """
        return try await put(Manifest(parsing: Array(manifest.utf8), contentType: nil), under: reference, in: name)
    }
}
