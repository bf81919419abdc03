package import NIOCore
package import Storage

/// A staged object whose changes pass a hook that can fail or count them.
package struct ForwardingStagedObject: StagedObject {
    /// Makes the described change, or does not.
    package typealias Hook =
        @Sendable (
            _ key: ObjectKey,
            _ change: @Sendable () async throws(StorageError) -> Void
        ) async throws(StorageError) -> Void

    let base: any StagedObject
    private let hook: Hook
    private let onRead: @Sendable () throws(StorageError) -> Void

    /// - Parameter onRead: Called before it is read.
    package init(
        _ base: any StagedObject,
        hook: @escaping Hook = { _, change async throws(StorageError) in try await change() },
        onRead: @escaping @Sendable () throws(StorageError) -> Void = {}
    ) {
        self.base = base
        self.onRead = onRead
        self.hook = hook
    }

    package var place: ObjectKey { base.place }
    package var byteCount: Int64 { base.byteCount }
    package var savedState: ByteBuffer? { base.savedState }

    package func append(_ bytes: ByteBuffer) async throws(StorageError) {
        try await hook(place) { [base] () async throws(StorageError) in try await base.append(bytes) }
    }

    package func checkpoint(_ state: ByteBuffer?) async throws(StorageError) {
        try await hook(place) { [base] () async throws(StorageError) in try await base.checkpoint(state) }
    }

    package func rollBack(to byteCount: Int64) async throws(StorageError) {
        try await hook(place) { [base] () async throws(StorageError) in try await base.rollBack(to: byteCount) }
    }

    package func reader() async throws(StorageError) -> any ObjectReader {
        try onRead()
        return try await base.reader()
    }

    package func promote(to key: ObjectKey) async throws(StorageError) {
        try await hook(key) { [base] () async throws(StorageError) in try await base.promote(to: key) }
    }

    package func discard() async throws(StorageError) {
        try await hook(place) { [base] () async throws(StorageError) in try await base.discard() }
    }
}

extension WriteBatch {
    /// The changes with the staged objects of the underlying storage.
    var unwrapped: WriteBatch {
        WriteBatch(
            changes.map { change in
                switch change {
                case .promote(let staged as ForwardingStagedObject, let key): .promote(staged.base, to: key)
                case .abandon(let staged as ForwardingStagedObject): .abandon(staged.base)
                default: change
                }
            },
            deadline: deadline
        )
    }
}
