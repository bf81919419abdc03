import Synchronization

/// The memory in which staged objects keep their first bytes: so much for all of them together.
final class StagingMemory: Sendable {
    /// How many bytes of one object are kept before they go to a file.
    static let objectByteCount = 256 << 10

    private let free: Atomic<Int>

    init(byteCount: Int = 32 << 20) { free = Atomic(byteCount) }

    /// Takes so many bytes, and answers false when they are not free.
    func take(_ byteCount: Int) -> Bool {
        if free.subtract(byteCount, ordering: .relaxed).newValue >= 0 { return true }
        giveBack(byteCount)
        return false
    }

    /// Gives back what was taken.
    func giveBack(_ byteCount: Int) { free.add(byteCount, ordering: .relaxed) }
}
