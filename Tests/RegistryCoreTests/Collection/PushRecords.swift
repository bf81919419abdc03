import ImageModel
import Synchronization

/// What clients were told: which images are pushed, and not deleted since.
final class PushRecords: Sendable {
    /// A manifest of a repository.
    struct Image: Hashable, Sendable {
        let digest: Digest
        let name: RepositoryName
    }

    private struct State {
        /// What must be there, with what must be there as long as that is not deleted: an image, and how often it was.
        var acknowledged: [Image: (needed: Image, deletes: Int)?] = [:]
        /// How many deletes of an image have begun or ended.
        var deletes: [Image: Int] = [:]
    }

    private let state = Mutex(State())

    /// The images that must be there.
    var acknowledged: Set<Image> {
        state.withLock { state in
            var all = Set(state.acknowledged.keys)
            for case let (needed, deletes)? in state.acknowledged.values where state.deletes[needed] ?? 0 == deletes {
                all.insert(needed)
            }
            return all
        }
    }

    /// Pushes an image: when a delete of the same came in between, nobody knows which was the last.
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

    /// Deletes an image. One delete of an image at a time.
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
