import Dispatch
import Foundation
import Logging

/// Ends the process when a signal asked for that and the time is up that requests get to finish, whatever is going on.
///
/// It needs none of the threads that the server works on: were they all held by something, nothing else would end it.
final class ShutdownWatchdog {
    /// How long after the deadline of the requests: what ends in good order has ended then.
    private static let grace = Duration.milliseconds(700)

    private let sources: [any DispatchSourceSignal]

    /// Begins to watch for SIGTERM and SIGINT.
    ///
    /// - Parameter limit: How long requests that have begun may take after that.
    init(after limit: Duration, _ logger: Logger) {
        // A queue of its own has a thread of its own, unlike the pool that Swift's tasks run on.
        let queue = DispatchQueue(label: "shutdown watchdog", qos: .userInteractive)
        sources = [SIGTERM, SIGINT].map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
            source.setEventHandler { Self.end(in: limit + Self.grace, logger) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    private static func end(in time: Duration, _ logger: Logger) {
        let thread = Thread {
            Thread.sleep(forTimeInterval: time / .seconds(1))
            logger.warning("shutdown deadline passed; unfinished requests were cut off")
            // Not exit(3), which waits for what other threads hold.
            _exit(1)
        }
        thread.start()
    }
}
