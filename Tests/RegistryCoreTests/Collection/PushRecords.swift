import ImageModel
import Synchronization

/// The images that clients have pushed and not deleted since.
final class PushRecords: Sendable {
    /// A manifest of a repository.
    struct Image: Hashable, Sendable {
        let digest: Digest
        let name: RepositoryName
    }

    private struct State {
        /// Images that must exist. Each may need another, which must exist too while its number in `deletes` is
        /// unchanged.
        var acknowledged: [Image: (needed: Image, deletes: Int)?] = [:]
        /// The number of deletes of an image that have begun, plus those that have ended: odd during a delete.
        var deletes: [Image: Int] = [:]
    }

    private let state = Mutex(State())

    /// The images that must exist.
    var acknowledged: Set<Image> {
        state.withLock { state in
            var all = Set(state.acknowledged.keys)
            for case let (needed, deletes)? in state.acknowledged.values where state.deletes[needed] ?? 0 == deletes {
                all.insert(needed)
            }
            return all
        }
    }

    /// Pushes an image. It is not recorded if it was being deleted at the time: the order is unknown.
    func push(
        _ image: Image,
        needing needed: Image?,
        isKept: Bool,
        _ work: () async throws -> Void
    ) async rethrows {
        let (before, neededBefore) = state.withLock { state in
            (state.deletes[image] ?? 0, needed.map { state.deletes[$0] ?? 0 } ?? 0)
        }
        try await work()
        state.withLock { state in
            guard isKept, before.isMultiple(of: 2), state.deletes[image] ?? 0 == before else { return }
            state.acknowledged[image] = .some(needed.map { ($0, neededBefore) })
        }
    }

    /// Deletes an image, unless another delete of it is in progress.
    func delete(_ image: Image, _ work: () async throws -> Void) async rethrows {
        let isAlone = state.withLock { state in
            guard (state.deletes[image] ?? 0).isMultiple(of: 2) else { return false }
            state.deletes[image, default: 0] += 1
            state.acknowledged[image] = nil
            return true
        }
        guard isAlone else { return }
        defer { state.withLock { $0.deletes[image, default: 0] += 1 } }
        try await work()
    }
}
