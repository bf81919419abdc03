import ImageModel

/// The referrers of one repository, as far as they have been read.
struct RepositoryReferrers: Sendable {
    /// The manifests that have been read.
    private(set) var read: Set<Digest> = []
    private var bySubject: [Digest: [Digest: Referrer]] = [:]
    /// Its approximate memory use in bytes.
    private(set) var cost = 512
    /// When it was last used: a counter that grows with each use.
    var lastUse: UInt64 = 0

    /// The approximate memory use of a digest in bytes.
    private static let digestCost = 128

    /// The manifests that refer to `subject`, ordered by digest.
    func referrers(of subject: Digest) -> [Referrer] {
        (bySubject[subject] ?? [:]).values.sorted { $0.descriptor.digest < $1.descriptor.digest }
    }

    /// Adds a manifest that has been read.
    mutating func add(_ manifest: ReadManifest, _ digest: Digest) {
        guard read.insert(digest).inserted else { return }
        cost += Self.digestCost
        guard let (subject, referrer) = manifest.reference else { return }
        bySubject[subject, default: [:]][digest] = referrer
        cost += Self.cost(of: referrer)
    }

    /// Forgets all manifests except `present`.
    mutating func forget(allBut present: Set<Digest>) {
        guard !read.isSubset(of: present) else { return }
        cost -= Self.digestCost * read.subtracting(present).count
        read.formIntersection(present)
        for (subject, referrers) in bySubject {
            let kept = referrers.filter { present.contains($0.key) }
            for (digest, referrer) in referrers where kept[digest] == nil { cost -= Self.cost(of: referrer) }
            bySubject[subject] = kept.isEmpty ? nil : kept
        }
    }

    private static func cost(of referrer: Referrer) -> Int {
        let annotations = if case .known(let json) = referrer.annotations { json.count } else { 0 }
        return 4 * digestCost + (referrer.artifactType?.utf8.count ?? 0) + annotations
    }
}

/// The part of a manifest that the index of referrers needs.
struct ReadManifest: Sendable {
    /// The manifest's subject, and its entry in the list of referrers; nil if it has no subject.
    let reference: (subject: Digest, Referrer)?

    init(_ manifest: Manifest, _ digest: Digest) {
        reference = manifest.subject.map { ($0.digest, Referrer(manifest, digest: digest)) }
    }
}
