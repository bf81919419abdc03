import NIOCore
import Storage
import Synchronization

/// A piece of work within which stored documents are read and held: it waits for its turn when it meets a large one, and
/// keeps that to its end.
///
/// What it meets after the first large document belongs to the same turn, so it reads documents one after the other, not in
/// parallel, and must not wait for other work that has scopes of its own of the same turns.
final class DocumentScope: Sendable {
    /// That of the current task.
    @TaskLocal private static var current: DocumentScope?

    /// For reading: whatever is read there is soon reduced to less.
    private static let readings = ByteTurns(byteLimit: 4 << 20)
    /// For deriving manifests, which may have to wait for layers.
    private static let derivations = ByteTurns(byteLimit: 4 << 20)

    private let turns: ByteTurns
    private let taken = Mutex<Int?>(nil)

    private init(_ turns: ByteTurns) { self.turns = turns }

    /// Runs `work` in a scope for reading; in that of the caller where there is one.
    static func reading<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        try await within(readings, work)
    }

    /// Runs `work`, which derives a manifest, in a scope of its own.
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

    /// Waits for the turn of the current scope, unless it has it.
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
    /// Reads an object whole, as `read` does: a large one when it is the turn of the current ``DocumentScope``.
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
