import ImageModel
import Synchronization

/// Delivers each change to all subscribers.
package final class RegistryEvents: Sendable {
    /// Receives each event; those of one tag in the order of their commits.
    ///
    /// The writer waits for it and may hold locks: a subscriber must return quickly, without blocking or calling the
    /// registry.
    package typealias Subscriber = @Sendable (RegistryEvent) -> Void

    private let subscribers = Mutex<[Subscriber]>([])

    package init() {}

    /// Adds a subscriber, which receives all later events.
    package func subscribe(_ subscriber: @escaping Subscriber) { subscribers.withLock { $0.append(subscriber) } }

    /// Publishes a change that is durable.
    func publish(_ change: RegistryEvent.Change, in name: RepositoryName) {
        publish(RegistryEvent(change, in: EventRepository(name)))
    }

    /// Publishes a change that is durable.
    func publish(_ change: RegistryEvent.Change, in name: V1RepositoryName) {
        publish(RegistryEvent(change, in: EventRepository(name)))
    }

    /// Publishes a change that is durable.
    func publish(_ event: RegistryEvent) {
        for subscriber in subscribers.withLock({ $0 }) { subscriber(event) }
    }
}

/// The changes since an index was last updated: its subscriber adds them, the index takes them.
final class PendingChanges<Item: Hashable & Sendable>: Sendable {
    private let items = Mutex<Set<Item>>([])
    private let limit: Int

    /// - Parameter limit: The maximum number of items; the index must find others by itself.
    init(limit: Int = .max) { self.limit = limit }

    /// Whether there are no changes.
    var isEmpty: Bool { items.withLock(\.isEmpty) }

    /// Adds a change, or returns one that could not be processed.
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
