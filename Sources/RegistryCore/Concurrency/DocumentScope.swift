import NIOCore
import Storage
import Synchronization

/// A scope in which stored documents are read and kept in memory. On its first large document it waits for a turn,
/// which it keeps to its end.
///
/// Further large documents share that turn, so a scope must read documents sequentially, and must not wait for work
/// that has its own scopes on the same turns.
final class DocumentScope: Sendable {
    /// The scope of the current task.
    @TaskLocal private static var current: DocumentScope?

    /// For reading: documents are soon reduced to something smaller.
    private static let readings = ByteTurns(byteLimit: 4 << 20)
    /// For converting manifests, which may have to wait for layers.
    private static let derivations = ByteTurns(byteLimit: 4 << 20)

    private let turns: ByteTurns
    private let taken = Mutex<Int?>(nil)

    private init(_ turns: ByteTurns) { self.turns = turns }

    /// Runs `work` in a scope for reading, or in the caller's scope if there is one.
    static func reading<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        try await within(readings, work)
    }

    /// Runs `work`, which converts a manifest, in a scope of its own, or in the caller's scope if there is one.
    static func deriving<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        try await within(derivations, work)
    }

    private static func within<Value>(
        _ turns: ByteTurns,
        _ work: () async throws -> Value
    ) async rethrows -> Value {
        guard current == nil else { return try await work() }
        let scope = DocumentScope(turns)
        defer { scope.end() }
        return try await $current.withValue(scope) { try await work() }
    }

    /// Waits for the current scope's turn, unless it already has one.
    fileprivate static func begin(_ byteCount: Int) async {
        guard let current, current.taken.withLock({ $0 == nil }) else { return }
        await current.turns.take(byteCount)
        current.taken.withLock { $0 = byteCount }
    }

    private func end() {
        if let byteCount = taken.withLock({ $0 }) { turns.give(byteCount) }
    }
}

extension ObjectStorage {
    /// Reads a complete object like `read`; a large one when it is the turn of the current ``DocumentScope``.
    func readDocument(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        do {
            return try await read(key, limit: min(limit, HeavyWork.smallDocumentByteCount))
        } catch StorageError.tooLarge(_, let byteCount, _) where byteCount <= limit {
            await DocumentScope.begin(Int(byteCount))
        } catch StorageError.tooLarge(let key, let byteCount, _) {
            throw .tooLarge(key, byteCount: byteCount, limit: limit)
        }
        return try await read(key, limit: limit)
    }
}
