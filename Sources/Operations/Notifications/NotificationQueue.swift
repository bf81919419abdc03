import NIOCore
import RegistryCore
import Storage
import Synchronization

/// The notifications that one receiver does not have yet, in order.
///
/// Those of changes are records in the storage, written with the change; this queue only knows their names. If there
/// are too many, it forgets the rest, which are listed again when it is empty. Those of pulls are in memory alone.
final class NotificationQueue: Sendable {
    /// A notification to send.
    enum Item: Sendable {
        /// The name of a record.
        case stored(String)
        /// The notification of a pull.
        case pull(ByteBuffer)
    }

    private struct State {
        var items = CircularBuffer<Item>()
        /// Whether there may be records that are not among the items.
        var isIncomplete: Bool
        var recordCount = 0
        var pullCount = 0
    }

    /// The number of names to remember.
    static let itemLimit = 10_000

    let endpoint: NotificationEndpoint
    /// The prefix of its records.
    let place: ObjectKey
    /// Yields when there is something to send.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let state: Mutex<State>

    /// - Parameter hasRecords: Whether the storage may have records of earlier processes.
    init(for endpoint: NotificationEndpoint, hasRecords: Bool) {
        self.endpoint = endpoint
        place = OwnLayout.notifications(for: endpoint.name)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = Mutex(State(isIncomplete: hasRecords))
        signal.yield()
    }

    /// The number of notifications that were not sent yet.
    var count: Int { state.withLock { $0.recordCount + $0.pullCount } }

    /// The number of those that are records.
    var recordCount: Int { state.withLock(\.recordCount) }

    /// Adds a record that is in the storage now.
    func add(_ name: String) {
        state.withLock { state in
            state.recordCount += 1
            if state.items.count < Self.itemLimit {
                state.items.append(.stored(name))
            } else {
                state.isIncomplete = true
            }
        }
        signal.yield()
    }

    /// Adds the notification of a pull, and returns false if there are too many.
    func add(_ pull: ByteBuffer) -> Bool {
        let isAdded = state.withLock { state in
            guard state.pullCount < Self.itemLimit else { return false }
            state.pullCount += 1
            state.items.append(.pull(pull))
            return true
        }
        if isAdded { signal.yield() }
        return isAdded
    }

    /// Takes the first item.
    func take() -> Item? { state.withLock { $0.items.popFirst() } }

    /// Whether the records must be listed. It is up to the caller to do so now.
    func beginListing() -> Bool {
        state.withLock { state in
            defer { state.isIncomplete = false }
            return state.isIncomplete
        }
    }

    /// Has the records listed again.
    func listAgain() {
        state.withLock { $0.isIncomplete = true }
        signal.yield()
    }

    /// Sets the number of records, as counted in the storage.
    func counted(_ count: Int) { state.withLock { $0.recordCount = count } }

    /// Notes that an item was sent, or given up.
    func ended(_ item: Item) {
        state.withLock { state in
            switch item {
            case .stored: state.recordCount = max(0, state.recordCount - 1)
            case .pull: state.pullCount -= 1
            }
        }
    }
}

/// The name of a record: the time of its event, which orders names, and a part that differs for each process.
struct NotificationName: Sendable {
    private static let digitCount = 19

    let text: String

    /// - Parameter time: In nanoseconds since 1970.
    init(at time: Int64, in process: String) {
        let digits = String(max(0, time))
        text = String(repeating: "0", count: max(0, Self.digitCount - digits.count)) + digits + "-" + process
    }

    /// The time in a name; nil if the name has none.
    static func time(of name: String) -> Int64? {
        let digits = name.prefix { $0 != "-" }
        return digits.count == digitCount ? Int64(digits) : nil
    }
}
