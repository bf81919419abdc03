package import ImageModel
package import Storage
import Synchronization

/// The ledger for a storage with a single writing process: it has the lock, and its announcements end with it.
///
/// While no epoch is open, announcing a write only increments a counter, and withdrawing it decrements it.
package final class MemoryLedger: CollectionLedger {
    private struct State {
        /// The number of the current or last epoch.
        var epoch: UInt64 = 0
        var isOpen = false
        /// The number of writes in progress that began while no epoch was open: the content they name is unknown.
        var unknownCount = 0
        /// The collection waiting for those writes to end.
        var waitingForUnknown: [CheckedContinuation<Void, Never>] = []
        var lastIntent: UInt64 = 0
        var intents: [UInt64: Set<Digest>] = [:]
        /// Condemned content, and the verdicts so far.
        var condemned: [Digest: CollectionVerdict?] = [:]
        /// Content deleted in this epoch, or in an earlier one while writes announced in it go on. Such a write may have
        /// checked the content before it was deleted, and ask after its condemnation was lifted.
        var deleted: Set<Digest> = []
        /// Writers waiting for deletions to end.
        var waitingForLift: [CheckedContinuation<Void, Never>] = []

        /// Lifts the condemnation of content. After an error, content with the verdict to delete counts as deleted.
        mutating func lift(_ content: Digest) {
            if case .delete?? = condemned[content] { deleted.insert(content) }
            condemned[content] = nil
        }

        /// Forgets deletions when no epoch is open and no announced write goes on.
        mutating func forgetDeletions() {
            if !isOpen, intents.isEmpty { deleted = [] }
        }
    }

    private let state = Mutex(State())

    package init() {}

    package func announce(
        _ content: @Sendable () async throws(StorageError) -> Set<Digest>
    ) async throws(StorageError) -> WriteIntent {
        let isOpen = state.withLock { state in
            if !state.isOpen { state.unknownCount += 1 }
            return state.isOpen
        }
        guard isOpen else { return WriteIntent(number: 0, content: nil) }
        let content = try await content()
        return state.withLock { state in
            state.lastIntent += 1
            state.intents[state.lastIntent] = content
            return WriteIntent(number: state.lastIntent, content: content)
        }
    }

    package func withdraw(_ intent: WriteIntent) async {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard intent.content == nil else {
                state.intents[intent.number] = nil
                state.forgetDeletions()
                return []
            }
            state.unknownCount -= 1
            guard state.unknownCount == 0 else { return [] }
            defer { state.waitingForUnknown = [] }
            return state.waitingForUnknown
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The write has ended: a single process awaits its own calls.
    package func abandon(_ intent: WriteIntent) async { await withdraw(intent) }

    package func condemnations(of content: Set<Digest>) async -> [Condemnation] {
        state.withLock { state in
            guard !state.condemned.isEmpty || !state.deleted.isEmpty else { return [] }
            return content.filter { state.condemned[$0] != nil || state.deleted.contains($0) }.sorted()
                .map { Condemnation(content: $0, epoch: state.epoch) }
        }
    }

    package func judge(_ condemnation: Condemnation, _ verdict: CollectionVerdict) async -> CollectionJudgment {
        state.withLock { state in
            guard state.epoch == condemnation.epoch, let present = state.condemned[condemnation.content] else {
                // The condemnation was lifted meanwhile: there is nothing left to decide.
                return CollectionJudgment(state.deleted.contains(condemnation.content) ? .delete : .keep)
            }
            if let present { return CollectionJudgment(present) }
            state.condemned[condemnation.content] = .some(verdict)
            return CollectionJudgment(verdict)
        }
    }

    package func waitUntilLifted(_ condemnation: Condemnation) async {
        while isCondemned(condemnation) {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    // It may have been lifted just now.
                    guard state.condemned[condemnation.content] != nil else { return false }
                    state.waitingForLift.append(continuation)
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        }
    }

    private func isCondemned(_ condemnation: Condemnation) -> Bool {
        state.withLock { $0.epoch == condemnation.epoch && $0.condemned[condemnation.content] != nil }
    }

    package func beginEpoch() async throws(StorageError) -> UInt64 {
        let epoch = state.withLock { state -> UInt64? in
            guard !state.isOpen else { return nil }
            state.isOpen = true
            state.epoch += 1
            return state.epoch
        }
        guard let epoch else {
            throw .locked(path: OwnLayout.collection.description, holder: "a collection in this process")
        }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.unknownCount > 0 else { return true }
                state.waitingForUnknown.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        return epoch
    }

    package func announced() async -> Set<Digest> {
        state.withLock { state in state.intents.values.reduce(into: []) { $0.formUnion($1) } }
    }

    package func condemn(_ content: [Digest], in epoch: UInt64) async {
        state.withLock { state in
            for digest in content { state.condemned[digest] = .some(nil) }
        }
    }

    package func lift(_ content: [Digest], in epoch: UInt64) async {
        lift(in: epoch) { state in
            for digest in content { state.lift(digest) }
        }
    }

    package func endEpoch(_ epoch: UInt64) async {
        lift(in: epoch) { state in
            for digest in state.condemned.keys { state.lift(digest) }
            state.isOpen = false
            state.forgetDeletions()
        }
    }

    private func lift(in epoch: UInt64, _ change: (inout State) -> Void) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.epoch == epoch else { return [] }
            change(&state)
            defer { state.waitingForLift = [] }
            return state.waitingForLift
        }
        for continuation in waiting { continuation.resume() }
    }
}
