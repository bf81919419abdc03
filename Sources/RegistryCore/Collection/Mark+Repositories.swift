import ImageModel
import Storage

/// Marks the content that v2 repositories need.
extension Mark {
    /// A manifest of a repository, and when its link was written.
    private struct Revision {
        let number: Int
        let digest: Digest
        let modified: Int64
    }

    /// Marks the manifests of a repository, and notes those to remove.
    mutating func markManifests(of index: Int) async throws {
        let repository = repositories[index]
        let revisions = try await revisions(of: repository)
        let tagged = try await taggedManifests(of: repository)
        try await markSignatures(of: revisions.map(\.digest), in: repository)
        try await walk.inSteps(revisions.map(\.number), of: ManifestReader.stepCount) { some in
            try await learn(Array(some), refusing: repository.name)
        }
        // An unreadable tag may point to any of them.
        guard let age = policy.untaggedAge(in: repository.name), let tagged else {
            return try await follow(revisions.map(\.number) + (tagged ?? []))
        }
        let living = living(of: revisions, tagged: tagged, age: age)
        for revision in revisions where !living.contains(revision.number) {
            guard deadRevisions.count < Self.deadLimit else { break }
            deadRevisions.append(
                DeadRevision(manifest: UInt32(revision.number), repository: UInt32(index))
            )
        }
        try await follow(Set(tagged).union(living))
    }

    /// The manifests that are tagged, young, recently used or announced, with their children and referrers.
    private func living(of revisions: [Revision], tagged: [Int], age: Duration) -> Set<Int> {
        let numbers = Set(revisions.map(\.number))
        var referrers: [Int: [Int]] = [:]
        for revision in revisions {
            for case .subject(let subject) in edges.edges(of: revision.number) {
                referrers[subject, default: []].append(revision.number)
            }
        }
        var living: Set<Int> = []
        var waiting = tagged
        for revision in revisions {
            if isUsed(revision.digest) || isYoung(revision.modified, for: age) || announced.contains(revision.number) {
                waiting.append(revision.number)
            }
        }
        while let manifest = waiting.popLast() {
            guard living.insert(manifest).inserted else { continue }
            waiting += referrers[manifest] ?? []
            for case .child(let child) in edges.edges(of: manifest) where numbers.contains(child) {
                waiting.append(child)
            }
        }
        return living
    }

    private mutating func revisions(of repository: RepositoryDirectory) async throws -> [Revision] {
        var revisions: [Revision] = []
        try await walk.inSteps(try await walk.digests(below: repository.revisions)) { digests in
            let keys = digests.map { repository.revisionLink($0) }
            for ((digest, key), link) in zip(zip(digests, keys), try await walk.attributes(of: keys)) {
                // registry:2 deletes the link of a manifest, and leaves its directory.
                guard let link else { continue }
                try checkForeign(key, link)
                let number = edges.table.number(of: digest)
                revisions.append(Revision(number: number, digest: digest, modified: link.modified))
                // registry:2 writes the SHA-256 digest into links named by other algorithms.
                guard digest.algorithm != .sha256 else { continue }
                if case .digest(let other)? = try await walk.digests(in: [key]).first, other != digest {
                    let number = edges.table.number(of: other)
                    revisions.append(Revision(number: number, digest: other, modified: link.modified))
                }
            }
        }
        return revisions
    }

    /// The manifests that tags point to; nil if a tag cannot be read.
    private mutating func taggedManifests(of repository: RepositoryDirectory) async throws -> [Int]? {
        var tagged: [Int] = []
        var isKnown = true
        let tags = try await storage.list(repository.tags).filter(\.isDirectory)
        try await walk.inSteps(tags) { some in
            let keys = some.map { repository.tags.appending("\($0.name)/current/link") }
            for content in try await walk.digests(in: keys) {
                switch content {
                case .absent: break
                case .unreadable: isKnown = false
                case .digest(let digest): tagged.append(edges.table.number(of: digest))
                }
            }
        }
        return isKnown ? tagged : nil
    }

    /// Marks the signatures that registry 2.0 to 2.3 stored as blobs.
    private mutating func markSignatures(of digests: [Digest], in repository: RepositoryDirectory) async throws {
        try await walk.inSteps(digests) { some in
            let keys = some.map { repository.revisionLink($0).parent.appending("signatures") }
            for (key, directory) in zip(keys, try await walk.attributes(of: keys)) where directory != nil {
                for signature in try await walk.digests(below: key) { reach(signature) }
            }
        }
    }

    /// Marks recently linked or used layers, which a manifest may soon name, and notes links to layers that are not
    /// live.
    mutating func markYoungLayers(of index: Int) async throws {
        let repository = repositories[index]
        try await markTarsums(of: repository)
        let digests = try await walk.digests(below: repository.layers).filter { !isLive($0) }
        try await walk.inSteps(digests) { some in
            let keys = some.map { repository.layerLink($0) }
            for ((digest, key), link) in zip(zip(some, keys), try await walk.attributes(of: keys)) {
                guard let link else { continue }
                try checkForeign(key, link)
                if isYoung(link.modified) || isUsed(digest) {
                    reach(digest)
                    // A pull opens the digest in the link.
                    if case .digest(let linked)? = try await walk.digests(in: [key]).first { reach(linked) }
                } else {
                    let number = UInt32(edges.table.number(of: digest))
                    staleLinks.append(StaleLink(blob: number, repository: UInt32(index)))
                }
            }
        }
    }

    /// Marks the layers that registry 2.0 to 2.2 stored under tarsums; manifests name them by tarsum.
    private mutating func markTarsums(of repository: RepositoryDirectory) async throws {
        let root = repository.layers.appending("tarsum")
        for version in try await storage.list(root) where version.isDirectory {
            let versionKey = root.appending(version.name)
            for algorithm in try await storage.list(versionKey) where algorithm.isDirectory {
                let key = versionKey.appending(algorithm.name)
                let names = try await storage.list(key).map(\.name)
                try await walk.inSteps(names) { some in
                    for content in try await walk.digests(in: some.map { key.appending("\($0)/link") }) {
                        if case .digest(let digest) = content { reach(digest) }
                    }
                }
            }
        }
    }
}
