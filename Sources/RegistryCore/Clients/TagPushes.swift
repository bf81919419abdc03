import Foundation
package import Storage
import Synchronization

/// Who last set a tag.
package struct TagPush: Codable, Equatable, Sendable {
    /// The user; nil for an anonymous client.
    package let user: String?
    /// The client's product and version, such as `docker/28.3.2`; nil if it sent none.
    package let client: String?
    /// When, in seconds since 1970.
    package let time: Int64
}

/// Records who set each tag: neither layout says so.
///
/// Like ``ClientUses`` it is a hint: bounded, kept in memory, and written below `longshore/clients/` now and then.
package final class TagPushes: Sendable {
    /// The most tags; beyond it, those set longest ago are forgotten.
    package static let limit = 20_000
    /// The size limit of the record on disk.
    private static let byteLimit = 32 << 20

    private struct Key: Codable, Hashable {
        let repository: String
        let tag: String
    }

    private struct Entry: Codable {
        let key: Key
        let push: TagPush
    }

    private struct State {
        var pushes: [Key: TagPush] = [:]
        var isChanged = false
    }

    private let storage: any ObjectStorage
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// - Parameter now: The time, in seconds since 1970.
    package init(
        storage: any ObjectStorage,
        now: @escaping @Sendable () -> Int64 = { Int64(Date.now.timeIntervalSince1970) }
    ) {
        self.storage = storage
        self.now = now
    }

    /// Takes note of a change, if it is one of a tag by a client.
    package func note(_ event: RegistryEvent) {
        guard let repository = event.repository?.description else { return }
        switch event.change {
        case .tagSet(let tag, _):
            let agent = event.actor.request?.userAgent.map { ClientAgent($0).product }
            let push = TagPush(user: Self.cut(event.actor.user), client: Self.cut(agent), time: now())
            state.withLock { state in
                state.pushes[Key(repository: repository, tag: tag)] = push
                state.isChanged = true
                if state.pushes.count > Self.limit { state.pushes.removeOldestTenth(by: \.time) }
            }
        case .tagRemoved(let tag): forget([tag], in: repository)
        case .repositoryRemoved(let tags): forget(tags, in: repository)
        default: break
        }
    }

    /// Who last set a tag, if that is known.
    package func push(of tag: String, in repository: EventRepository) -> TagPush? {
        state.withLock { $0.pushes[Key(repository: repository.description, tag: tag)] }
    }

    /// Adds the record on disk. A damaged one counts as missing.
    package func load() async throws {
        guard let bytes = try await storage.readNote(OwnLayout.tagPushes, limit: Self.byteLimit),
            let entries = try? JSONFile.decoded([Entry].self, from: bytes)
        else { return }
        state.withLock { state in
            // What happened since the start is newer.
            for entry in entries.prefix(Self.limit) where state.pushes[entry.key] == nil {
                state.pushes[entry.key] = entry.push
            }
        }
    }

    /// Writes the record if it has changed since it was last written.
    package func save() async throws {
        let entries = state.withLock { state -> [Entry]? in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return state.pushes.map { Entry(key: $0.key, push: $0.value) }
        }
        guard let entries else { return }
        do {
            try await storage.write(try JSONFile.encoded(entries), to: OwnLayout.tagPushes, as: .cache)
        } catch {
            state.withLock { $0.isChanged = true }
            throw error
        }
    }

    private func forget(_ tags: [String], in repository: String) {
        state.withLock { state in
            for tag in tags where state.pushes.removeValue(forKey: Key(repository: repository, tag: tag)) != nil {
                state.isChanged = true
            }
        }
    }

    private static func cut(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : ClientUse.Key.cut($0) }
    }
}
