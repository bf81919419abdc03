import ImageModel

/// What is known of the manifests of one repository that refer to subjects.
struct RepositoryReferrers: Sendable {
    /// The manifests that were read.
    private(set) var read: Set<Digest> = []
    private var bySubject: [Digest: [Digest: Referrer]] = [:]
    /// About how many bytes it takes in memory.
    private(set) var cost = 512
    /// When it was asked for last, as a number that grows.
    var lastUse: UInt64 = 0

    /// About how many bytes a digest takes.
    private static let digestCost = 128

    /// The manifests that refer to `subject`, in the order of their digests.
    func referrers(of subject: Digest) -> [Referrer] {
        (bySubject[subject] ?? [:]).values.sorted { $0.descriptor.digest < $1.descriptor.digest }
    }

    /// Adds a manifest that was read.
    mutating func add(_ manifest: ReadManifest, _ digest: Digest) {
        guard read.insert(digest).inserted else { return }
        cost += Self.digestCost
        guard let (subject, referrer) = manifest.reference else { return }
        bySubject[subject, default: [:]][digest] = referrer
        cost += Self.cost(of: referrer)
    }

    /// Forgets the manifests that are none of `present`.
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

/// What counts of a manifest that was read.
struct ReadManifest: Sendable {
    /// The subject that it refers to, and what the list of referrers says of it; nil where it refers to none.
    let reference: (subject: Digest, Referrer)?

    init(_ manifest: Manifest, _ digest: Digest) {
        reference = manifest.subject.map { ($0.digest, Referrer(manifest, digest: digest)) }
    }
}
