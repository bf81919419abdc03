import ImageModel
import NIOCore
import RegistryCore
import Synchronization

@testable import Operations

/// A receiver with a clock that only sleepers advance.
final class TestReceiver: Sendable {
    private struct State {
        var time: Int64 = 1_796_079_091_195_000_000
        var bodies: [JSONValue] = []
        var refusedCount = 0
        /// The status at a time; nil for no response.
        var respond: @Sendable (Int64) -> Int? = { _ in 200 }
    }

    private let state = Mutex(State())

    static func endpoint(threshold: Int = 10, backoff: Duration = .seconds(1)) -> NotificationEndpoint {
        NotificationEndpoint(name: "receiver", url: "http://receiver", threshold: threshold, backoff: backoff)
    }

    /// What it accepted: the events.
    private var events: [JSONValue] { state.withLock { $0.bodies }.compactMap { $0["events"]?.array?.first } }
    /// The tags in what it accepted.
    var tags: [String] { events.compactMap { $0["target"]?["tag"]?.string } }
    /// The actions in what it accepted.
    var actions: [String] { events.compactMap { $0["action"]?.string } }
    var refusedCount: Int { state.withLock { $0.refusedCount } }

    var now: @Sendable () -> Int64 { { self.state.withLock { $0.time } } }

    func respond(_ respond: @escaping @Sendable (Int64) -> Int?) { state.withLock { $0.respond = respond } }

    func forget() { state.withLock { $0.bodies = [] } }

    func pass(_ duration: Duration) { state.withLock { $0.time += duration.nanoseconds } }

    func setBack(by duration: Duration) { state.withLock { $0.time -= duration.nanoseconds } }

    var transport: NotificationTransport {
        NotificationTransport(
            post: { bytes, _ in
                try self.state.withLock { state in
                    guard let status = state.respond(state.time) else { throw NoResponse() }
                    if status < 400 {
                        state.bodies.append(try JSONValue(parsing: bytes.readableBytesView))
                    } else {
                        state.refusedCount += 1
                    }
                    return status
                }
            },
            sleep: { self.pass($0) },
            now: now
        )
    }

    private struct NoResponse: Error {}
}
