import Dispatch
import Foundation
import Logging
import Operations

/// Ends the process when the drain timeout has passed after a signal, no matter what still runs.
///
/// It uses none of the server's threads, so it works even when all of those are blocked.
final class ShutdownWatchdog {
    /// The time after the deadline in which an orderly shutdown completes.
    private static let grace = Duration.milliseconds(700)

    private let sources: [any DispatchSourceSignal]

    /// Starts watching for SIGTERM and SIGINT.
    ///
    /// - Parameter limit: How long running requests may take after the signal.
    init(after limit: Duration, _ logger: Logger) {
        // A separate queue has its own thread, unlike the pool that Swift's tasks run on.
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
            LineWriter.flushAll()
            // Not exit(3), which waits for locks that other threads may hold.
            _exit(1)
        }
        thread.start()
    }
}
