import Synchronization

/// Counts up from 0.
final class Counter: Sendable {
    private let value = Atomic(0)

    /// The count.
    var count: Int { value.load(ordering: .relaxed) }

    /// Counts, and returns the count before this call.
    @discardableResult
    func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
}
