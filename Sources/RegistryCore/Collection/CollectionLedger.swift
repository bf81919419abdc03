package import ImageModel
package import Storage

/// What writers and a collector tell each other, so that nothing is deleted that a writer is about to name.
///
/// A writer announces what it is going to name, looks for condemned content among it, and saves what it finds by a verdict;
/// where the collector's verdict came first, it waits until the deletion is over. Then it looks for the bytes, writes its
/// links, and withdraws the announcement. A collector marks, condemns what it did not reach, marks again, and deletes that
/// for which its own verdict is the first.
///
/// A verdict stands once it is given: of two who judge, the first decides.
package protocol CollectionLedger: Sendable {
    /// Announces a write that is about to name content.
    ///
    /// - Parameter content: Works out what it is going to name; called only when a collector may want to know.
    func announce(
        _ content: @Sendable () async throws(StorageError) -> Set<Digest>
    ) async throws(StorageError) -> WriteIntent

    /// Ends an announcement: the write is done, or failed.
    func withdraw(_ intent: WriteIntent) async throws(StorageError)

    /// The condemned content among what a write names.
    func condemnations(of content: Set<Digest>) async throws(StorageError) -> [Condemnation]

    /// Gives a verdict, and returns the one that stands: the first.
    func judge(_ condemnation: Condemnation, _ verdict: CollectionVerdict) async throws(StorageError)
        -> CollectionVerdict

    /// Returns once condemned content is deleted, or cannot be any more.
    func waitUntilLifted(_ condemnation: Condemnation) async throws(StorageError)

    /// Begins an epoch, of which there is one at a time; returns when every write that goes on is announced.
    ///
    /// - Throws: ``StorageError/locked(path:holder:)`` while another epoch is open.
    func beginEpoch() async throws(StorageError) -> UInt64

    /// All that announced writes are going to name.
    func announced() async throws(StorageError) -> Set<Digest>

    /// Condemns content in an epoch.
    func condemn(_ content: [Digest], in epoch: UInt64) async throws(StorageError)

    /// Lifts content that was condemned in an epoch: it is deleted, or will not be.
    func lift(_ content: [Digest], in epoch: UInt64) async throws(StorageError)

    /// Ends an epoch, and lifts all that is condemned in it.
    func endEpoch(_ epoch: UInt64) async throws(StorageError)
}

/// The announcement of a write.
package struct WriteIntent: Sendable {
    /// What tells it from others.
    package let number: UInt64
    /// What the write is going to name; nil where no collector is at work that would want to know.
    package let content: Set<Digest>?

    package init(number: UInt64, content: Set<Digest>?) {
        self.number = number
        self.content = content
    }
}

/// That content is about to be deleted in an epoch, unless somebody says otherwise.
package struct Condemnation: Hashable, Sendable {
    /// What is condemned.
    package let content: Digest
    /// By whom.
    package let epoch: UInt64

    package init(content: Digest, epoch: UInt64) {
        self.content = content
        self.epoch = epoch
    }
}

/// What becomes of condemned content.
package enum CollectionVerdict: String, Sendable {
    /// A writer needs it.
    case keep
    /// Nobody does.
    case delete
}

/// The rules of the protocol between writers and collectors. All of them hold; tests leave one out to show that it is
/// needed.
///
/// Between processes there are two more, which one process keeps by waiting for its own calls: a deletion and a link do
/// not take effect once their time is over.
package struct CollectionRules: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// A write is announced before anything else.
    package static let intent = CollectionRules(rawValue: 1 << 0)
    /// A collector marks again after it has condemned.
    package static let secondMark = CollectionRules(rawValue: 1 << 1)
    /// Nothing is deleted without a verdict.
    package static let verdict = CollectionRules(rawValue: 1 << 2)
    /// A writer whose verdict came second waits until the deletion is over.
    package static let waiting = CollectionRules(rawValue: 1 << 3)
    /// A writer looks for the bytes last, before it links them.
    package static let lastLook = CollectionRules(rawValue: 1 << 4)
    /// A mark reads announcements before links.
    package static let intentsFirst = CollectionRules(rawValue: 1 << 5)
    /// All of them.
    package static let all: CollectionRules = [
        .intent, .secondMark, .verdict, .waiting, .lastLook, .intentsFirst,
    ]
}
