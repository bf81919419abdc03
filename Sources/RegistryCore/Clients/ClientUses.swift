import Foundation
import NIOCore
package import Storage
import Synchronization

/// Records which clients use which repositories, through which protocol: whether v1 can be switched off.
///
/// The record is kept in memory, and written below `longshore/clients/` now and then. It is a hint: it is bounded, and
/// may lack the last minutes before the server was killed.
package final class ClientUses: Sendable {
    /// The most entries for each protocol; beyond it, the clients that were seen longest ago are forgotten.
    package static let limit = 5000
    /// The size limit of a record on disk.
    private static let byteLimit = 16 << 20

    fileprivate struct State {
        var uses: [ClientUse.Key: ClientUse] = [:]
        /// The number of entries by protocol.
        var counts: [EventActor.Interface: Int] = [:]
        var changed: Set<EventActor.Interface> = []
        /// When recording began, in seconds since 1970.
        var since: Int64
    }

    /// A record on disk.
    private struct Document: Codable {
        let since: Int64
        let uses: [ClientUse]
    }

    private let storage: any ObjectStorage
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    /// - Parameter now: The time, in seconds since 1970.
    package init(
        storage: any ObjectStorage,
        now: @escaping @Sendable () -> Int64 = { Int64(Date.now.timeIntervalSince1970) }
    ) {
        self.storage = storage
        self.now = now
        self.state = Mutex(State(since: now()))
    }

    /// Records a successful request. It touches memory only.
    package func note(_ key: ClientUse.Key) {
        let now = now()
        state.withLock { $0.add(ClientUse(key: key, first: now, last: now, count: 1)) }
    }

    /// All entries, the clients seen last first.
    package var all: [ClientUse] {
        state.withLock { Array($0.uses.values) }.sorted { left, right in
            left.last != right.last ? left.last > right.last : left.key.repository < right.key.repository
        }
    }

    /// When recording began, in seconds since 1970.
    package var since: Int64 { state.withLock(\.since) }

    /// Adds the records on disk. A damaged one counts as missing.
    package func load() async throws {
        for interface in Self.interfaces {
            guard let bytes = try await storage.readNote(OwnLayout.clients(of: interface), limit: Self.byteLimit),
                let document = try? JSONFile.decoded(Document.self, from: bytes)
            else { continue }
            state.withLock { state in
                state.since = min(state.since, document.since)
                for use in document.uses where use.key.interface == interface { state.add(use) }
                state.changed.remove(interface)
            }
        }
    }

    /// Writes the records that have changed since they were last written.
    package func save() async throws {
        for interface in Self.interfaces {
            let document = state.withLock { state -> Document? in
                guard state.changed.remove(interface) != nil else { return nil }
                return Document(
                    since: state.since,
                    uses: state.uses.values.filter { $0.key.interface == interface }.sorted { $0.last > $1.last }
                )
            }
            guard let document else { continue }
            do {
                try await storage.write(
                    try JSONFile.encoded(document),
                    to: OwnLayout.clients(of: interface),
                    as: .cache
                )
            } catch {
                state.withLock { _ = $0.changed.insert(interface) }
                throw error
            }
        }
    }

    private static let interfaces: [EventActor.Interface] = [.v1, .v2]
}

extension ClientUses.State {
    fileprivate mutating func add(_ use: ClientUse) {
        let interface = use.key.interface
        changed.insert(interface)
        if uses[use.key]?.add(use) != nil { return }
        uses[use.key] = use
        counts[interface, default: 0] += 1
        if counts[interface, default: 0] > ClientUses.limit { forgetOldest(of: interface) }
    }

    /// Forgets a tenth of a protocol's entries.
    private mutating func forgetOldest(of interface: EventActor.Interface) {
        uses.removeOldestTenth(where: { $0.interface == interface }, by: \.last)
        counts[interface] = uses.keys.count { $0.interface == interface }
    }
}

extension Dictionary {
    /// Removes a tenth of the entries whose keys match: those with the earliest times.
    mutating func removeOldestTenth(where matches: (Key) -> Bool = { _ in true }, by time: (Value) -> Int64) {
        let times = filter { matches($0.key) }.map { time($0.value) }.sorted()
        var rest = times.count / 10
        guard rest < times.count else { return }
        let last = times[rest]
        self = filter { key, value in
            guard matches(key), time(value) <= last, rest > 0 else { return true }
            rest -= 1
            return false
        }
    }
}
