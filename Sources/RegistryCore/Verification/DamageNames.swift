import ImageModel
import NIOCore
import Storage

/// Determines which repositories and tags need damaged content.
struct DamageNames: Sendable {
    /// The repositories and tags that need one object.
    private struct Places: Sendable {
        var repositories: Set<String> = []
        var tags: Set<String> = []
    }

    let context: VerificationContext
    let table: ImageTable
    var edges: ManifestEdges
    private var blobs: [Int: Places] = [:]
    private var images: [V1ImageID: Places] = [:]

    init(_ context: VerificationContext, _ table: ImageTable, _ edges: ManifestEdges) {
        self.context = context
        self.table = table
        self.edges = edges
    }

    private var storage: any ObjectStorage { context.storage }

    /// The findings with the repositories and tags that need them.
    mutating func name(_ findings: [DamageFinding]) async throws -> [DamageFinding] {
        let keys = findings.compactMap(\.object)
        for digest in keys.compactMap({ V2Layout.digest(ofContent: $0) }) {
            blobs[edges.table.number(of: digest)] = Places()
        }
        for id in keys.compactMap({ V1Layout.image(of: $0) }) { images[id] = Places() }
        if !blobs.isEmpty {
            for repository in try await context.walk.repositories() { try await look(through: repository) }
        }
        if !images.isEmpty { try await lookThroughV1() }
        return findings.map { named($0) }
    }

    private func named(_ finding: DamageFinding) -> DamageFinding {
        guard let key = finding.object else { return finding }
        var places = Places()
        if let digest = V2Layout.digest(ofContent: key), let number = edges.table.find(digest) {
            places = blobs[number] ?? places
        } else if let id = V1Layout.image(of: key) {
            places = images[id] ?? places
        }
        if let (repository, tag) = V2Layout.place(of: key) {
            // A link concerns its own repository only.
            let prefix = "\(repository):"
            places.tags = places.tags.filter { $0.hasPrefix(prefix) }
            places.repositories = [repository]
            if let tag { places.tags = ["\(repository):\(tag)"] }
        } else if let (repository, tag) = V1Layout.place(of: key) {
            places.repositories = [repository]
            if let tag { places.tags = ["\(repository):\(tag)"] }
        }
        var named = finding
        named.repositories = places.repositories.sorted()
        named.tags = places.tags.sorted()
        return named
    }

    private mutating func look(through repository: RepositoryDirectory) async throws {
        let name = repository.name
        var hits: [Digest: Set<Int>] = [:]
        for revision in try await context.walk.digests(below: repository.revisions) {
            let number = edges.table.number(of: revision)
            for content in contents(of: number) where blobs[content] != nil {
                hits[revision, default: []].insert(content)
                blobs[content]?.repositories.insert(name)
            }
        }
        for layer in try await context.walk.digests(below: repository.layers) {
            if let number = edges.table.find(layer) { blobs[number]?.repositories.insert(name) }
        }
        guard !hits.isEmpty else { return }
        let tags = try await storage.list(repository.tags).filter(\.isDirectory).map(\.name)
        try await context.walk.inSteps(tags) { some in
            let keys = some.map { repository.tags.appending("\($0)/current/link") }
            for (tag, content) in zip(some, try await storage.results(of: keys, limit: LinkedObject.linkLimit)) {
                guard let bytes = (try? content.get()) ?? nil, let target = try? Digest(parsing: String(buffer: bytes))
                else { continue }
                for content in hits[target] ?? [] { blobs[content]?.tags.insert("\(name):\(tag)") }
            }
        }
    }

    /// The numbers of a manifest and everything it names.
    private func contents(of manifest: Int) -> Set<Int> {
        var contents: Set<Int> = [manifest]
        var waiting = [manifest]
        while let next = waiting.popLast() {
            for edge in edges.edges(of: next) {
                switch edge {
                case .blob(let number): contents.insert(number)
                case .child(let number): if contents.insert(number).inserted { waiting.append(number) }
                case .subject: break
                }
            }
        }
        return contents
    }

    private mutating func lookThroughV1() async throws {
        for name in try await context.tree.repositories(damage: DamageLog(logger: nil)) {
            for tag in try await context.tree.tagNames(in: name) {
                guard let key = V1Layout.tag(tag, in: name),
                    let bytes = (try? await storage.read(key, limit: 4096)) ?? nil,
                    let id = V1Tag(content: Array(buffer: bytes), modified: 0).image
                else { continue }
                var next: V1ImageID? = id
                for _ in 0..<V1Chain.lengthLimit {
                    guard let image = next else { break }
                    images[image]?.repositories.insert("\(name)")
                    images[image]?.tags.insert("\(name):\(tag)")
                    next = table.images[image]?.parent
                }
            }
        }
    }
}

extension V2Layout {
    /// The digest of the blob or manifest that a key belongs to: the blob itself, or a link that its digest names.
    static func digest(ofContent key: ObjectKey) -> Digest? {
        digest(ofBlob: key) ?? digest(ofRevision: key) ?? digest(ofLayer: key)
    }

    /// The repository, and perhaps the tag, that a key belongs to.
    static func place(of key: ObjectKey) -> (repository: String, tag: String?)? {
        let prefix = repositories.description + "/"
        guard key.description.hasPrefix(prefix) else { return nil }
        let parts = key.description.dropFirst(prefix.utf8.count).split(separator: "/")
        guard let end = parts.firstIndex(where: { $0.hasPrefix(reservedPrefix) }) else { return nil }
        let rest = parts[end...].map(String.init)
        let isOfTag = rest.count > 2 && rest[0] == "_manifests" && rest[1] == "tags"
        return (parts[..<end].joined(separator: "/"), isOfTag ? rest[2] : nil)
    }
}

extension V1Layout {
    /// The image that a key belongs to.
    static func image(of key: ObjectKey) -> V1ImageID? {
        let parts = key.description.split(separator: "/")
        guard parts.count >= 2, parts[0] == images.description[...] else { return nil }
        return try? V1ImageID(parsing: parts[1])
    }

    /// The repository, and perhaps the tag, that a key belongs to.
    static func place(of key: ObjectKey) -> (repository: String, tag: String?)? {
        let parts = key.description.split(separator: "/").map(String.init)
        guard parts.count >= 3, parts[0] == repositories.description,
            let name = V1RepositoryName(namespaceComponent: parts[1], repositoryComponent: parts[2])
        else { return nil }
        return ("\(name)", parts.count > 3 ? tagName(parts[3]) : nil)
    }
}
