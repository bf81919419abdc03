/// Shows Thread Sanitizer that one thread passes values to another.
///
/// It misses a continuation that is resumed before its task waits: the runtime's shortcut does not inform it.
package struct Handover: Sendable {
    private final class Meeting: Sendable {
        let lock = Mutex(())
    }

    private let meeting = Meeting()

    package init() {}

    /// Called by the one thread before it passes a value, and by the other after receiving it.
    package func pass() { meeting.lock.withLock { _ in } }
}
