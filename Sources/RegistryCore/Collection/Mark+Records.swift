import ImageModel
import NIOCore
import Storage

/// Marks the content that v1 images and our own records need.
extension Mark {
    /// Marks the blobs made from v1 images.
    mutating func markV1Images() async throws {
        let ids = try await storage.list(V1Layout.images).compactMap { try? V1ImageID(parsing: $0.name) }
        try await walk.inSteps(ids) { some in
            for bytes in try await reader.read(some.map { OwnLayout.layerRecord($0) }, limit: 64 << 10) {
                guard let bytes, let record = try? JSONFile.decoded(LayerRecord.self, from: bytes) else { continue }
                for text in [record.blob, record.digest] {
                    if let digest = try? Digest(parsing: text) { reach(digest) }
                }
            }
            guard storage.traits.sharesBytes else { return }
            for layer in try await walk.attributes(of: some.map { V1Layout.layer($0) }) {
                if let layer, layer.kind == .object { sharedFiles.insert(layer.version) }
            }
        }
    }

    /// Notes the files of live blobs named by algorithms other than SHA-256: the same file also has a SHA-256 name.
    mutating func markTwins() async throws {
        guard storage.traits.sharesBytes else { return }
        for algorithm in Digest.Algorithm.allCases where algorithm != .sha256 {
            let root = V2Layout.blobs.appending(algorithm.rawValue)
            for prefix in try await storage.list(root) where prefix.isDirectory {
                let entries = try await storage.list(root.appending(prefix.name))
                let digests = entries.compactMap { try? Digest(algorithm, hex: $0.name) }.filter { isLive($0) }
                try await walk.inSteps(digests) { some in
                    for blob in try await walk.attributes(of: some.map { V2Layout.blobData($0) }) {
                        if let blob { sharedFiles.insert(blob.version) }
                    }
                }
            }
        }
    }

    /// Marks derived manifests and blobs whose sources still exist.
    mutating func markDerivations() async throws {
        for derivation in try await derivations(of: "manifests") where try await isLiving(derivation) {
            reach(derivation.digest)
            let number = edges.table.number(of: derivation.digest)
            if !edges.contains(number) {
                let key = derivation.key.appending("data")
                guard let bytes = try await reader.read([key])[0] else { continue }
                edges.add(ManifestReferences(of: bytes), of: number)
            }
            try await follow([number])
        }
        for derivation in try await derivations(of: "blobs") where try await isLiving(derivation) {
            reach(derivation.digest)
        }
    }

    /// Marks the blobs that live layers were recompressed to.
    mutating func markRecompressions() async throws {
        let root = OwnLayout.derivedContent.appending("layers")
        for prefix in try await storage.list(root) where prefix.isDirectory {
            let key = root.appending(prefix.name)
            let layers = try await storage.list(key).compactMap { try? Digest(.sha256, hex: $0.name) }
            try await walk.inSteps(layers.filter { isLive($0) }) { some in
                for content in try await walk.digests(in: some.map { OwnLayout.recompressed($0) }) {
                    if case .digest(let digest) = content { reach(digest) }
                }
            }
        }
    }

    /// All derivations of one kind: `manifests` or `blobs`.
    func derivations(of kind: String) async throws -> [StoredDerivation] {
        try await StoredDerivation.all(of: kind, in: storage)
    }

    /// Whether at least one source of a derivation still exists.
    func isLiving(_ derivation: StoredDerivation) async throws -> Bool {
        let directory = derivation.key.appending("sources")
        for entry in try await storage.list(directory) where !entry.isDirectory {
            guard let bytes = try await reader.read([directory.appending(entry.name)], limit: 1024)[0],
                let source = DerivedSource(parsing: String(buffer: bytes))
            else { continue }
            let links = try await walk.attributes(of: source.links(in: derivation.repository))
            if links.allSatisfy({ $0 != nil }) { return true }
        }
        return false
    }
}

/// A derivation stored for one repository.
struct StoredDerivation: Sendable {
    /// The prefix of its objects.
    let key: ObjectKey
    let repository: RepositoryName
    /// Its digest; for a form, the digest of the manifest it is a form of.
    let digest: Digest

    /// All derivations of one kind: `manifests`, `blobs` or `forms`.
    static func all(of kind: String, in storage: any ObjectStorage) async throws(StorageError) -> [StoredDerivation] {
        var found: [StoredDerivation] = []
        let root = OwnLayout.derivedContent.appending(kind)
        let limit = root.description.utf8.count + 1 + RepositoryName.maximumLength
        var waiting = [root]
        while let key = waiting.popLast() {
            for entry in try await storage.list(key) where entry.isDirectory {
                let inner = key.appending(entry.name)
                guard entry.name == "_" else {
                    if inner.description.utf8.count <= limit { waiting.append(inner) }
                    continue
                }
                let path = key.description.dropFirst(root.description.utf8.count + 1)
                guard let name = try? RepositoryName(parsing: String(path)) else { continue }
                for entry in try await storage.list(inner) {
                    guard let digest = try? Digest(.sha256, hex: entry.name) else { continue }
                    let key = inner.appending(entry.name)
                    found.append(StoredDerivation(key: key, repository: name, digest: digest))
                }
            }
        }
        return found
    }
}
