package import ImageModel
package import Storage

/// The shared state of writers and a collector, which keeps the collector from deleting content that a writer is about
/// to name.
///
/// A writer announces the content it is about to name, looks for condemned content among it, and gives the verdict
/// `keep` on each such digest. If the collector's verdict came first, the writer waits until the deletion is over. Then
/// it checks that the bytes exist, writes its links, and withdraws the announcement.
///
/// A collector marks, condemns the content it did not reach, marks again, and deletes the content on which its own
/// verdict came first.
///
/// The first verdict on condemned content is final.
///
/// On a shared storage requests may be delayed on their way, and processes may stop and wake up late. There deletions
/// and links have deadlines (``WriteBatch/deadline``), which the storage enforces by its own clock.
package protocol CollectionLedger: Sendable {
    /// Announces a write that is about to name content.
    ///
    /// - Parameter content: Determines the content the write will name; called only if a collector may need to know.
    func announce(
        _ content: @Sendable () async throws(StorageError) -> Set<Digest>
    ) async throws(StorageError) -> WriteIntent

    /// Withdraws an announcement: the write has succeeded, or was refused.
    func withdraw(_ intent: WriteIntent) async throws(StorageError)

    /// Ends a write whose outcome is unknown: the announcement stays for as long as the write may still take effect.
    func abandon(_ intent: WriteIntent) async throws(StorageError)

    /// The condemned content among the content a write names.
    func condemnations(of content: Set<Digest>) async throws(StorageError) -> [Condemnation]

    /// Gives a verdict, and returns the first one given, which is final.
    func judge(_ condemnation: Condemnation, _ verdict: CollectionVerdict) async throws(StorageError)
        -> CollectionJudgment

    /// Returns once condemned content has been deleted or can no longer be deleted.
    func waitUntilLifted(_ condemnation: Condemnation) async throws(StorageError)

    /// Begins an epoch; only one should be open at a time. Returns once every write in progress is announced.
    ///
    /// - Throws: ``StorageError/locked(path:holder:)`` while another epoch is open.
    func beginEpoch() async throws(StorageError) -> UInt64

    /// All content that announced writes name.
    func announced() async throws(StorageError) -> Set<Digest>

    /// Condemns content in an epoch.
    func condemn(_ content: [Digest], in epoch: UInt64) async throws(StorageError)

    /// Lifts the condemnation of content in an epoch: it has been deleted, or will not be.
    func lift(_ content: [Digest], in epoch: UInt64) async throws(StorageError)

    /// Ends an epoch, and lifts all its condemnations.
    func endEpoch(_ epoch: UInt64) async throws(StorageError)
}

/// The announcement of a write.
package struct WriteIntent: Sendable {
    /// The number that identifies the announcement.
    package let number: UInt64
    /// The content the write names; nil if no collector needed to know.
    package let content: Set<Digest>?
    /// When collectors begin to ignore the announcement: the write must have taken effect before (see
    /// ``WriteBatch/deadline``). Nil if they never do.
    package let deadline: Int64?

    package init(number: UInt64, content: Set<Digest>?, deadline: Int64? = nil) {
        self.number = number
        self.content = content
        self.deadline = deadline
    }
}

/// A notice that content will be deleted in an epoch unless a writer saves it.
package struct Condemnation: Hashable, Sendable {
    /// The condemned content.
    package let content: Digest
    /// The epoch of the collection that condemned it.
    package let epoch: UInt64

    package init(content: Digest, epoch: UInt64) {
        self.content = content
        self.epoch = epoch
    }
}

/// The decision on condemned content.
package enum CollectionVerdict: String, Sendable {
    /// A writer needs it.
    case keep
    /// No writer has claimed it.
    case delete
}

/// The final decision on condemned content.
package struct CollectionJudgment: Sendable, Equatable {
    /// The first verdict.
    package let verdict: CollectionVerdict
    /// If the verdict is to delete: when the deletion must have taken effect (see ``WriteBatch/deadline``). Nil for a
    /// collector that awaits it.
    package let deadline: Int64?

    package init(_ verdict: CollectionVerdict, deadline: Int64? = nil) {
        self.verdict = verdict
        self.deadline = deadline
    }
}

/// The rules of the protocol between writers and collectors. All of them apply; tests omit one at a time to show that
/// it is needed.
package struct CollectionRules: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// A write is announced before anything else happens.
    package static let intent = CollectionRules(rawValue: 1 << 0)
    /// A collector marks again after condemning.
    package static let secondMark = CollectionRules(rawValue: 1 << 1)
    /// Nothing is deleted without a verdict.
    package static let verdict = CollectionRules(rawValue: 1 << 2)
    /// A writer whose verdict came second waits until the deletion is over.
    package static let waiting = CollectionRules(rawValue: 1 << 3)
    /// A writer checks that the bytes exist last, just before linking them.
    package static let lastLook = CollectionRules(rawValue: 1 << 4)
    /// A mark reads announcements before links.
    package static let intentsFirst = CollectionRules(rawValue: 1 << 5)
    /// A deletion takes effect soon after its verdict, or not at all. A single process awaits it instead.
    package static let deletionDeadline = CollectionRules(rawValue: 1 << 6)
    /// A write takes effect before its announcement expires, or not at all. A single process awaits it instead.
    package static let linkDeadline = CollectionRules(rawValue: 1 << 7)
    /// All rules.
    package static let all: CollectionRules = [
        .intent, .secondMark, .verdict, .waiting, .lastLook, .intentsFirst, .deletionDeadline, .linkDeadline,
    ]
}
