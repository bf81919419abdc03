/// Shows Thread Sanitizer that one thread hands values to another.
///
/// A continuation that is resumed before its task waits is not seen: the runtime's short way there tells it nothing.
package struct Handover: Sendable {
    private final class Meeting: Sendable {
        let lock = Mutex(())
    }

    private let meeting = Meeting()

    package init() {}

    /// Called by the one thread before it hands over, and by the other after it has received.
    package func pass() { meeting.lock.withLock { _ in } }
}
