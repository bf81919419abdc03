import NIOCore
import Storage
import Synchronization

/// A storage in which some objects cannot be opened until the gate is: so a test decides how long their reading takes.
final class GatedStorage: ObjectStorage {
    private enum Gate {
        case closed([CheckedContinuation<Void, Never>])
        case open
    }

    private let base: any ObjectStorage
    private let isGated: @Sendable (ObjectKey) -> Bool
    private let gate = Mutex(Gate.closed([]))

    init(_ base: any ObjectStorage, _ isGated: @escaping @Sendable (ObjectKey) -> Bool) {
        self.base = base
        self.isGated = isGated
    }

    /// Lets through who waits and who comes.
    func open() {
        let waiting = gate.withLock { gate in
            defer { gate = .open }
            if case .closed(let waiting) = gate { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume() }
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        if isGated(key) { await wait() }
        return try await base.open(key)
    }

    var changeCount: Int { base.changeCount }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await base.attributes(of: key)
    }

    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await base.read(key, limit: limit)
    }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        try await base.list(prefix, after: name, limit: limit)
    }

    func write(_ bytes: ByteBuffer, to key: ObjectKey) async throws(StorageError) {
        try await base.write(bytes, to: key)
    }

    func append(to key: ObjectKey) async throws(StorageError) -> any ObjectWriter { try await base.append(to: key) }

    func move(_ source: ObjectKey, to destination: ObjectKey) async throws(StorageError) {
        try await base.move(source, to: destination)
    }

    func link(_ source: LinkSource, to destination: ObjectKey, allowing policy: LinkPolicy)
        async throws(StorageError) -> LinkOutcome
    {
        try await base.link(LinkSource(source.key, in: base), to: destination, allowing: policy)
    }

    @discardableResult
    func remove(_ key: ObjectKey) async throws(StorageError) -> Bool { try await base.remove(key) }

    func removeIfEmpty(_ prefix: ObjectKey) async throws(StorageError) { try await base.removeIfEmpty(prefix) }

    func removeAll(below prefix: ObjectKey) async throws(StorageError) { try await base.removeAll(below: prefix) }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = gate.withLock { gate in
                guard case .closed(let waiting) = gate else { return true }
                gate = .closed(waiting + [continuation])
                return false
            }
            if isOpen { continuation.resume() }
        }
    }
}
