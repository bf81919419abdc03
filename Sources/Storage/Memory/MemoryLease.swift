import Synchronization

/// A lease on an in-memory storage.
final class MemoryLease: StorageLease {
    let term: UInt64
    private let key: ObjectKey
    private let table: MemoryLeases

    fileprivate init(term: UInt64, key: ObjectKey, table: MemoryLeases) {
        self.term = term
        self.key = key
        self.table = table
    }

    deinit { table.release(key, term: term) }

    func release() async throws(StorageError) { table.release(key, term: term) }
}

/// The current holder and latest term of each lease of an in-memory storage.
final class MemoryLeases: Sendable {
    private struct Entry {
        var term: UInt64 = 0
        var holder: String?
    }

    private let entries = Mutex<[ObjectKey: Entry]>([:])

    /// Acquires a lease, or fails immediately.
    func take(_ key: ObjectKey, for holder: String) throws(StorageError) -> MemoryLease {
        let term = try entries.withLock { entries throws(StorageError) in
            var entry = entries[key] ?? Entry()
            if let present = entry.holder { throw StorageError.locked(path: key.description, holder: present) }
            entry.term = entry.term.clampedAdding(1)
            entry.holder = holder
            entries[key] = entry
            return entry.term
        }
        return MemoryLease(term: term, key: key, table: self)
    }

    fileprivate func release(_ key: ObjectKey, term: UInt64) {
        entries.withLock { entries in
            if entries[key]?.term == term { entries[key]?.holder = nil }
        }
    }
}
