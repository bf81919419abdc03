import Synchronization

/// How far a migration is: written by those who work, read by whoever shows it.
package final class MigrationProgress: Sendable {
    /// The counters at one moment.
    package struct Snapshot: Sendable, Equatable {
        /// The bytes that were read and hashed.
        package fileprivate(set) var bytesRead: Int64 = 0
        /// The bytes that are to be.
        package fileprivate(set) var bytesToRead: Int64 = 0
        /// The layers that are done.
        package fileprivate(set) var layersDone = 0
        /// The layers that are to be.
        package fileprivate(set) var layersToDo = 0
        /// The tags that are done, converted or not.
        package fileprivate(set) var tagsDone = 0
        /// The tags that are to be.
        package fileprivate(set) var tagsToDo = 0
    }

    private let state = Mutex(Snapshot())

    package init() {}

    /// The counters now.
    package var snapshot: Snapshot { state.withLock { $0 } }

    func begin(_ plan: MigrationPlan, tagCount: Int) {
        state.withLock {
            $0.bytesToRead = plan.toHash.byteCount
            $0.layersToDo = plan.toHash.layerCount
            $0.tagsToDo = tagCount
        }
    }

    func didRead(_ byteCount: Int) { state.withLock { $0.bytesRead += Int64(byteCount) } }
    func didFinishLayer() { state.withLock { $0.layersDone += 1 } }
    func didFinishTag() { state.withLock { $0.tagsDone += 1 } }
}
