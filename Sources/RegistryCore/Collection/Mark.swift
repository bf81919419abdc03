import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Finds what is live: what manifests, v1 images, derived content, young links and announced writes need.
///
/// It reads the storage as it is while writers go on: what they link meanwhile they have announced before, and what is
/// announced is read first.
struct Mark {
    /// A link of a layer that nothing needed when it was looked at.
    struct StaleLink: Sendable {
        /// The number of the blob.
        let blob: UInt32
        /// The place of the repository in ``Mark/repositories``.
        let repository: UInt32
    }

    /// A manifest of a repository that no tag names.
    struct DeadRevision: Sendable {
        /// The number of the manifest.
        let manifest: UInt32
        /// The place of the repository in ``Mark/repositories``.
        let repository: UInt32
    }

    /// How many dead revisions one mark finds at most: the others are found by the next.
    static let deadLimit = 100_000

    let walk: CollectionWalk
    let reader: ManifestReader
    let policy: CollectionPolicy
    /// The storage's time, in nanoseconds since 1970.
    let now: Int64
    /// Refuses links that another program has written since a collection began.
    let checkForeign: @Sendable (ObjectKey, ObjectAttributes) throws(CollectionRefusal) -> Void
    let uses: RecentUses?

    /// What manifests name; kept from one mark to the next.
    var edges: ManifestEdges
    /// The repositories.
    private(set) var repositories: [RepositoryDirectory] = []
    /// The numbers of what is live.
    private(set) var live = NumberSet()
    /// The numbers of manifests whose content is live.
    private var followed = NumberSet()
    /// Links of layers that are not live.
    var staleLinks: [StaleLink] = []
    /// Manifests without a tag.
    var deadRevisions: [DeadRevision] = []
    /// The versions of files that live content has under other names: layers of v1 images, blobs by other algorithms.
    var sharedFiles: Set<ObjectVersion> = []
    /// What announced writes name.
    private(set) var announced: Set<Int> = []
    /// How many manifests were read.
    private(set) var readCount = 0
    /// How much is live.
    private(set) var liveCount = 0

    var storage: any ObjectStorage { walk.storage }

    init(
        _ storage: any ObjectStorage,
        policy: CollectionPolicy,
        now: Int64,
        uses: RecentUses?,
        edges: consuming ManifestEdges,
        checkForeign: @escaping @Sendable (ObjectKey, ObjectAttributes) throws(CollectionRefusal) -> Void = { _, _ in }
    ) {
        walk = CollectionWalk(storage: storage)
        reader = ManifestReader(storage: storage)
        self.policy = policy
        self.now = now
        self.uses = uses
        self.edges = edges
        self.checkForeign = checkForeign
    }

    /// Marks all that is live.
    ///
    /// - Parameter intents: What announced writes are going to name.
    mutating func run(_ intents: () async throws -> Set<Digest>, intentsFirst: Bool = true) async throws {
        if intentsFirst { announce(try await intents()) }
        repositories = try await walk.repositories()
        for index in repositories.indices { try await markManifests(of: index) }
        try await markV1Images()
        try await markDerivations()
        for index in repositories.indices { try await markYoungLayers(of: index) }
        try await markRecompressions()
        try await markTwins()
        if !intentsFirst { announce(try await intents()) }
    }

    private mutating func announce(_ content: Set<Digest>) {
        for digest in content { announced.insert(reach(digest)) }
    }

    /// Whether content is live.
    func isLive(_ digest: Digest) -> Bool { edges.table.find(digest).map { live.contains($0) } ?? false }

    /// Whether something that was changed then is too young to go.
    func isYoung(_ modified: Int64, for age: Duration? = nil) -> Bool {
        WallClock.age(of: modified, now: now) < (age ?? policy.grace).nanoseconds
    }

    /// Makes content live, and returns its number.
    @discardableResult
    mutating func reach(_ digest: Digest) -> Int {
        let number = edges.table.number(of: digest)
        reach(number)
        return number
    }

    private mutating func reach(_ number: Int) {
        if live.insert(number) { liveCount += 1 }
    }

    /// Makes manifests live, and the bytes of what they name.
    ///
    /// What an index names is a manifest of the repository for itself, or was deleted there: its blobs do not follow.
    mutating func follow(_ manifests: some Collection<Int>) async throws {
        let new = manifests.filter { followed.insert($0) }
        try await walk.inSteps(new, of: ManifestReader.stepCount) { some in
            try await learn(Array(some), refusing: nil)
            for manifest in some {
                reach(manifest)
                for edge in edges.edges(of: manifest) {
                    switch edge {
                    case .blob(let number), .child(let number): reach(number)
                    case .subject: break
                    }
                }
            }
        }
    }

    /// Reads manifests that were not read yet.
    ///
    /// - Parameter repository: The repository whose manifests they are: one that cannot be read ends the collection then,
    ///   as nobody knows what it needs. Nil for what an index names, which may be no manifest.
    mutating func learn(_ manifests: [Int], refusing repository: String?) async throws {
        let unknown = manifests.filter { !edges.contains($0) }.compactMap { number in
            edges.table.digest(number).map { (number, $0) }
        }
        guard !unknown.isEmpty else { return }
        let (contents, failure) = await reader.contents(unknown.map { V2Layout.blobData($0.1) })
        if let failure {
            guard failure.isOfOneObject else { throw failure }
            if unknown.count > 1 {
                for (number, _) in unknown { try await learn([number], refusing: repository) }
            } else if let repository {
                throw CollectionRefusal.unreadableManifest(unknown[0].1, repository: repository, reason: "\(failure)")
            }
            return
        }
        for ((number, digest), content) in zip(unknown, contents) {
            guard let content else { continue }
            readCount += 1
            guard Digest(digest.algorithm, of: content.readableBytesView) == digest else {
                guard let repository else { continue }
                throw CollectionRefusal.unreadableManifest(
                    digest,
                    repository: repository,
                    reason: "its bytes do not have its digest"
                )
            }
            edges.add(ManifestReferences(of: content), of: number)
        }
    }
}

extension Duration {
    /// How many nanoseconds it has, clamped to what 64 bits hold.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.clampedMultiplied(by: 1_000_000_000).clampedAdding(attoseconds / 1_000_000_000)
    }
}
