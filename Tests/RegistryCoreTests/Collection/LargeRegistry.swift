import Conversion
import ImageModel
import NIOCore
import Storage
import Synchronization
import SystemLibraries
import TestSupport

@testable import RegistryCore

/// A registry of any size that takes no memory: its content is computed on demand.
///
/// Each manifest has ten layers of its own; the blobs are listed as if each repository had its own prefix.
final class LargeRegistry: ForwardingStorage {
    let base: any ObjectStorage = MemoryStorage()
    let repositoryCount: Int
    static let manifestCount = 100
    static let layerCount = 10
    /// The manifests of the repository read last.
    private let current = Mutex<(index: Int, manifests: [Digest: ByteBuffer])>((-1, [:]))

    init(repositoryCount: Int) { self.repositoryCount = repositoryCount }

    /// The number of blobs, including manifests.
    var blobCount: Int { repositoryCount * Self.manifestCount * (Self.layerCount + 1) }

    private static func layers(_ repository: Int, _ manifest: Int) -> [Digest] {
        (0..<layerCount).map { Digest(.sha256, of: Array("\(repository) \(manifest) \($0)".utf8)) }
    }

    private func manifests(of repository: Int) -> [Digest: ByteBuffer] {
        current.withLock { current in
            if current.index == repository { return current.manifests }
            var manifests: [Digest: ByteBuffer] = [:]
            for number in 0..<Self.manifestCount {
                let layers = Self.layers(repository, number).map { digest in
                    "{\"mediaType\":\"\(MediaType.dockerLayerGzip)\",\"size\":1,\"digest\":\"\(digest)\"}"
                }
                let bytes = ByteBuffer(
                    string: """
                        {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":\
                        "\(MediaType.dockerConfiguration)","size":1,"digest":"\(EmptyLayer.digest)"},"layers":\
                        [\(layers.joined(separator: ","))]}
                        """
                )
                manifests[Digest(.sha256, of: bytes.readableBytesView)] = bytes
            }
            current = (repository, manifests)
            return manifests
        }
    }

    private func names(_ names: some Sequence<String>) -> [ObjectEntry] {
        names.map { ObjectEntry(name: $0, isDirectory: true) }
    }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        let parts = prefix.description.split(separator: "/").map(String.init)
        if prefix == V2Layout.repositories { return names((0..<repositoryCount).map { "r\($0)" }) }
        if prefix == V2Layout.blobs { return names(["sha256"]) }
        if parts.starts(with: ["docker", "registry", "v2", "blobs"]) {
            guard parts.count > 5, let repository = Int(parts[5]) else {
                return names((0..<repositoryCount).map { "\($0)" })
            }
            let layers = (0..<Self.manifestCount).flatMap { Self.layers(repository, $0) }
            return names((layers + manifests(of: repository).keys).map(\.hex))
        }
        guard parts.count > 4, parts[3] == "repositories", let repository = Int(parts[4].dropFirst()) else { return [] }
        switch parts.dropFirst(5).joined(separator: "/") {
        case "": return names(["_layers", "_manifests"])
        case "_manifests/revisions", "_layers": return names(["sha256"])
        case "_manifests/revisions/sha256": return names(manifests(of: repository).keys.map(\.hex))
        case "_layers/sha256":
            return names((0..<Self.manifestCount).flatMap { Self.layers(repository, $0) }.map(\.hex))
        default: return []
        }
    }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        guard key.name == "link" || key.name == "data" else { return try await base.attributes(of: key) }
        return ObjectAttributes(kind: .object, byteCount: 1, modified: 0)
    }

    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        guard let digest = V2Layout.digest(ofBlob: key) else { return nil }
        return current.withLock { $0.manifests[digest] }
    }
}
