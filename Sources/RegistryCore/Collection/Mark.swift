import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Finds live content: everything that manifests, v1 images, derived content, young links and announced writes need.
///
/// It reads the storage while writers continue. Anything they link meanwhile was announced before, and announcements
/// are read first.
struct Mark {
    /// A link to a layer that nothing needed when it was examined.
    struct StaleLink: Sendable {
        /// The number of the blob.
        let blob: UInt32
        /// The index of the repository in ``Mark/repositories``.
        let repository: UInt32
    }

    /// An untagged manifest to remove from a repository.
    struct DeadRevision: Sendable {
        /// The number of the manifest.
        let manifest: UInt32
        /// The index of the repository in ``Mark/repositories``.
        let repository: UInt32
    }

    /// The maximum number of dead revisions one mark finds; later marks find the rest.
    static let deadLimit = 100_000

    let walk: CollectionWalk
    let reader: ManifestReader
    let policy: CollectionPolicy
    /// The storage's time, in nanoseconds since 1970.
    let now: Int64
    /// Refuses links that another program has written since the collection began.
    let checkForeign: @Sendable (ObjectKey, ObjectAttributes) throws(CollectionRefusal) -> Void
    let uses: RecentUses?

    /// The references of manifests, kept from one mark to the next.
    var edges: ManifestEdges
    private(set) var repositories: [RepositoryDirectory] = []
    /// The numbers of live digests.
    private(set) var live = NumberSet()
    /// The numbers of manifests whose references have been followed.
    private var followed = NumberSet()
    /// Links to layers that are not live.
    var staleLinks: [StaleLink] = []
    /// Untagged manifests to remove.
    var deadRevisions: [DeadRevision] = []
    /// The versions of files that live content has under other names: v1 layers, and blobs named by other algorithms.
    var sharedFiles: Set<ObjectVersion> = []
    /// The numbers of the content that announced writes name.
    private(set) var announced: Set<Int> = []
    /// The number of manifests read.
    private(set) var readCount = 0
    /// The number of live digests.
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

    /// What a mark finds.
    enum Scope {
        /// Live manifests, and those to remove.
        case manifests
        /// All live content.
        case everything
    }

    /// Marks live content.
    ///
    /// - Parameter intents: Returns the content that announced writes name.
    mutating func run(
        _ scope: Scope = .everything,
        _ intents: () async throws -> Set<Digest>,
        intentsFirst: Bool = true
    ) async throws {
        if intentsFirst { announce(try await intents()) }
        repositories = try await walk.repositories()
        for index in repositories.indices { try await markManifests(of: index) }
        if scope == .manifests {
            if !intentsFirst { announce(try await intents()) }
            return
        }
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

    /// Whether clients were recently told that content is present, maybe only now.
    func isUsed(_ digest: Digest) -> Bool { uses?.contains(digest) ?? false }

    /// Whether an object modified at this time is younger than `age`, or than the grace if `age` is nil.
    func isYoung(_ modified: Int64, for age: Duration? = nil) -> Bool {
        WallClock.age(of: modified, now: now) < (age ?? policy.grace).nanoseconds
    }

    /// Marks content as live, and returns its number.
    @discardableResult
    mutating func reach(_ digest: Digest) -> Int {
        let number = edges.table.number(of: digest)
        reach(number)
        return number
    }

    private mutating func reach(_ number: Int) {
        if live.insert(number) { liveCount += 1 }
    }

    /// Marks manifests and the content they name as live.
    ///
    /// It does not recurse: a child of an index is also a manifest of the repository itself, or was deleted there.
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

    /// Reads the manifests that have not been read yet.
    ///
    /// - Parameter repository: The repository the manifests belong to: if one cannot be read, the collection ends,
    ///   because the content it names is unknown. Nil for entries of an index, which may not be manifests.
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
