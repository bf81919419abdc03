import ImageModel
import Storage
import Synchronization

/// Delivers each change to all subscribers.
package final class RegistryEvents: Sendable {
    /// Receives each event. Events of the same tag arrive in the order of their commits.
    ///
    /// The writer waits for the subscriber and may hold locks, so a subscriber must return quickly, without blocking or
    /// calling the registry.
    package typealias Subscriber = @Sendable (RegistryEvent) -> Void

    /// Receives each activity, under the same conditions.
    package typealias ActivityObserver = @Sendable (RegistryActivity) -> Void

    private let subscribers = Mutex<[Subscriber]>([])
    private let activityObservers = Mutex<[ActivityObserver]>([])
    private let needsPrevious = Atomic(false)
    private let recording = Mutex<(any EventRecorder)?>(nil)
    private let isRecorded = Atomic(false)

    package init() {}

    /// Adds a subscriber for all later events.
    ///
    /// - Parameter previous: Whether it needs ``RegistryEvent/previous``, which costs the writers a read.
    package func subscribe(needingPrevious previous: Bool = false, _ subscriber: @escaping Subscriber) {
        if previous { needsPrevious.store(true, ordering: .relaxed) }
        subscribers.withLock { $0.append(subscriber) }
    }

    /// Adds an observer of all later activities.
    package func observe(_ observer: @escaping ActivityObserver) { activityObservers.withLock { $0.append(observer) } }

    /// What records changes with their commits, and pulls; nil by default, which costs writers and readers nothing.
    package var recorder: (any EventRecorder)? {
        get { isRecorded.load(ordering: .acquiring) ? recording.withLock { $0 } : nil }
        set {
            recording.withLock { $0 = newValue }
            isRecorded.store(newValue != nil, ordering: .releasing)
        }
    }

    /// Whether a subscriber needs the previous targets of tags.
    var needsPreviousTargets: Bool { needsPrevious.load(ordering: .relaxed) }

    /// Publishes an activity.
    func publish(_ activity: RegistryActivity) {
        for observer in activityObservers.withLock({ $0 }) { observer(activity) }
    }

    /// Publishes a durable change of a repository.
    func publish(_ change: RegistryEvent.Change, in name: RepositoryName, replacing previous: PreviousTarget? = nil) {
        publish(RegistryEvent(change, in: EventRepository(name), replacing: previous))
    }

    /// Publishes a durable change of a repository.
    func publish(_ change: RegistryEvent.Change, in name: V1RepositoryName, replacing previous: PreviousTarget? = nil) {
        publish(RegistryEvent(change, in: EventRepository(name), replacing: previous))
    }

    /// Publishes a durable change.
    func publish(_ event: RegistryEvent) {
        for subscriber in subscribers.withLock({ $0 }) { subscriber(event) }
    }
}

extension RegistryEvents {
    /// Adds the records of changes to the end of the batch that makes them. Nothing happens unless something records.
    func record(
        _ changes: [RegistryEvent.Change],
        in name: RepositoryName,
        by actor: EventActor = .current,
        _ batch: inout WriteBatch
    ) -> RecordedEvents {
        guard let recorder else { return .none }
        let repository = EventRepository(name)
        let events = changes.map { RegistryEvent($0, in: repository, by: actor) }
        return RecordedEvents(committed: recorder.record(events, in: &batch))
    }
}

/// The records in a batch that is about to be committed.
struct RecordedEvents: Sendable {
    /// No records.
    static let none = RecordedEvents(committed: nil)

    fileprivate let committed: (@Sendable () -> Void)?

    /// Passes the records on. Call it once the batch is committed, while the locks of what was changed are still held.
    func wereCommitted() { committed?() }
}

/// Changes that an index has yet to apply: its subscriber adds them, the index removes them.
final class PendingChanges<Item: Hashable & Sendable>: Sendable {
    private let items = Mutex<Set<Item>>([])
    private let limit: Int

    /// - Parameter limit: The maximum number of items. Further ones are dropped; the index must find those itself.
    init(limit: Int = .max) { self.limit = limit }

    /// Whether there are no changes.
    var isEmpty: Bool { items.withLock(\.isEmpty) }

    /// Adds a change, possibly again after it could not be applied.
    func note(_ item: Item) {
        items.withLock { items in
            if items.count < limit { items.insert(item) }
        }
    }

    /// Removes and returns one item; nil if there are none.
    func takeOne() -> Item? { items.withLock { $0.popFirst() } }

    /// Removes and returns all items.
    func takeAll() -> Set<Item> {
        items.withLock { items in
            defer { items = [] }
            return items
        }
    }
}
