import ImageModel
import NIOCore
import Storage

/// Verifies the links and tags of a v2 repository.
struct LinkVerification: Sendable {
    /// The links of one kind that are sound or can be followed.
    struct Links: Sendable {
        /// The digests in links, by the digests that name them.
        var targets: [Digest: Digest] = [:]
        var found: [DamageFinding] = []
    }

    let context: VerificationContext

    private var storage: any ObjectStorage { context.storage }

    /// The links of layers. A link to nothing is no damage unless a manifest names it: registry:2 leaves such links
    /// behind when it collects garbage.
    func layers(of repository: RepositoryDirectory) async throws -> Links {
        var links = try await links(below: repository.layers) { repository.layerLink($0) }
        links.found += try await tarsums(of: repository)
        return links
    }

    /// The links of manifests.
    func revisions(of repository: RepositoryDirectory) async throws -> Links {
        var links = try await links(below: repository.revisions) { repository.revisionLink($0) }
        for digest in links.targets.keys.sorted() {
            let key = repository.revisionLink(digest).parent.appending("signatures")
            let signatures = try await self.links(below: key) {
                key.appending("\($0.algorithm.rawValue)/\($0.hex)/link")
            }
            links.found += signatures.found
        }
        return links
    }

    private func links(below prefix: ObjectKey, _ key: (Digest) -> ObjectKey) async throws -> Links {
        var links = Links()
        try await context.walk.inSteps(try await context.walk.digests(below: prefix)) { some in
            try await context.documents(some.map { ($0, key($0)) }, limit: LinkedObject.linkLimit) { digest, result in
                guard let (target, finding) = try await read(result, at: key(digest), named: digest) else { return }
                if let target { links.targets[digest] = target }
                if let finding { links.found.append(finding) }
            }
        }
        return links
    }

    /// The digest in a link, and its damage; nil if there is no link.
    private func read(
        _ result: Result<ByteBuffer?, StorageError>,
        at key: ObjectKey,
        named digest: Digest
    ) async throws -> (Digest?, DamageFinding?)? {
        switch result {
        case .success(nil): return nil
        // Whatever it contained, its name is known.
        case .failure(let error): return (digest, context.unreadable(key, error, as: .damagedLink))
        case .success(let bytes?):
            guard let target = try? Digest(parsing: String(buffer: bytes)) else {
                return (digest, DamageFinding(.damagedLink, key, "it does not contain a digest"))
            }
            if target == digest { return (digest, nil) }
            // registry:2 writes the SHA-256 into links that other algorithms name.
            if try await context.isAlias(target, of: digest) { return (target, nil) }
            return (digest, DamageFinding(.damagedLink, key, "it contains \(target)"))
        }
    }

    private func tarsums(of repository: RepositoryDirectory) async throws -> [DamageFinding] {
        var found: [DamageFinding] = []
        let root = repository.layers.appending("tarsum")
        for version in try await storage.list(root) where version.isDirectory {
            let versionKey = root.appending(version.name)
            for algorithm in try await storage.list(versionKey) where algorithm.isDirectory {
                let key = versionKey.appending(algorithm.name)
                let keys = try await storage.list(key).map { key.appending("\($0.name)/link") }
                try await context.walk.inSteps(keys) { some in
                    try await context.documents(some.map { ($0, $0) }, limit: LinkedObject.linkLimit) { key, result in
                        if let finding = damage(of: result, at: key, as: .damagedLink) { found.append(finding) }
                    }
                }
            }
        }
        return found
    }

    /// The damage of a link that may contain any digest.
    private func damage(
        of result: Result<ByteBuffer?, StorageError>,
        at key: ObjectKey,
        as kind: DamageFinding.Kind
    ) -> DamageFinding? {
        switch result {
        case .success(nil): return nil
        case .failure(let error): return context.unreadable(key, error, as: kind)
        case .success(let bytes?):
            if (try? Digest(parsing: String(buffer: bytes))) != nil { return nil }
            return DamageFinding(kind, key, "it does not contain a digest")
        }
    }

    /// Verifies the tags, and returns their number.
    func tags(of repository: RepositoryDirectory) async throws -> (count: Int, found: [DamageFinding]) {
        var (count, found): (Int, [DamageFinding]) = (0, [])
        let tags = try await storage.list(repository.tags).filter(\.isDirectory).map {
            repository.tags.appending($0.name)
        }
        try await context.walk.inSteps(tags) { some in
            var targets: [(ObjectKey, Digest)] = []
            let keys = some.map { ($0.appending("current/link"), $0.appending("current/link")) }
            try await context.documents(keys, limit: LinkedObject.linkLimit) { key, result in
                // registry:2 creates the directory of a tag before its link.
                guard case .success(nil) = result else {
                    count += 1
                    if let finding = damage(of: result, at: key, as: .damagedTag) {
                        found.append(finding)
                    } else if let bytes = try result.get(), let target = try? Digest(parsing: String(buffer: bytes)) {
                        targets.append((key, target))
                    }
                    return
                }
            }
            let areThere = try await storage.exist(targets.map { repository.revisionLink($0.1) })
            for ((key, target), isThere) in zip(targets, areThere) where !isThere {
                let detail = "it points to \(target), which the repository does not have"
                found.append(DamageFinding(.danglingTag, key, detail))
            }
            for tag in some {
                let index = tag.appending("index")
                found += try await links(below: index) { index.appending("\($0.algorithm.rawValue)/\($0.hex)/link") }
                    .found
            }
        }
        return (count, found)
    }
}

extension VerificationContext {
    /// Whether a digest of another algorithm belongs to the same bytes as `name`.
    func isAlias(_ target: Digest, of name: Digest) async throws -> Bool {
        guard target.algorithm != name.algorithm else { return false }
        let verdict = try await hasher.verdict(on: V2Layout.blobData(target), name.algorithm) { $0.digest == name }
        // Without its bytes nothing contradicts it.
        if case .damaged = verdict { return false }
        return true
    }
}
