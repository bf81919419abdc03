import Glibc
package import NIOPosix
import Synchronization

/// A small file outside any storage that people and programs edit while it is in use. Its parsed content is cached, and
/// refreshed soon after the file changes.
///
/// It is checked on access, if the last check is old enough. One caller reads the disk while the others use the cached
/// value. No call blocks the calling thread.
package final class WatchedFile<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        /// The file's attributes when it was read.
        var version: ObjectAttributes?
        /// Whether the file may have changed without a new timestamp, because it was read just after it was written.
        var isFresh = true
        var lookedAt: ContinuousClock.Instant?
        var isLooking = false
    }

    /// The path of the file.
    package let path: String
    private let pool: NIOThreadPool
    private let interval: Duration
    private let parse: @Sendable (Result<[UInt8]?, UnreadableFile>) -> Value
    private let state: Mutex<State>
    private let calls = SystemCalls()

    /// - Parameters:
    ///   - initial: The value before the first check.
    ///   - interval: The maximum age of a check.
    ///   - parse: Parses the file's content; nil means no file. Called on a thread of the pool.
    package init(
        _ path: String,
        initial: Value,
        pool: NIOThreadPool = .singleton,
        interval: Duration = .seconds(1),
        parse: @escaping @Sendable (Result<[UInt8]?, UnreadableFile>) -> Value
    ) {
        self.path = path
        self.pool = pool
        self.interval = interval
        self.parse = parse
        self.state = Mutex(State(value: initial))
    }

    /// The current value, at most `interval` old unless a check is in progress.
    package var value: Value {
        get async {
            let (isDue, known) = state.withLock { state in
                let isOld = state.lookedAt.map { ContinuousClock.now - $0 >= interval } ?? true
                let isDue = isOld && !state.isLooking
                if isDue { state.isLooking = true }
                return (isDue, state.value)
            }
            guard isDue else { return known }
            await look()
            return state.withLock { $0.value }
        }
    }

    /// The cached value.
    package var known: Value { state.withLock { $0.value } }

    /// Reads the file now, even if it appears unchanged.
    package func reload() async {
        state.withLock { state in
            state.isFresh = true
            state.isLooking = true
        }
        await look()
    }

    private func look() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            pool.submit { _ in
                self.lookNow()
                continuation.resume()
            }
        }
    }

    private func lookNow() {
        let (old, isFresh) = state.withLock { ($0.version, $0.isFresh) }
        var version: ObjectAttributes?
        var value: Value?
        do throws(SystemError) {
            version = try calls.status(of: path)?.attributes
            if isFresh || version != old {
                value = parse(.success(version == nil ? nil : try LocalFile.bytes(of: path)))
            }
        } catch {
            value = parse(.failure(UnreadableFile(path: path, error)))
        }
        state.withLock { state in
            state.version = version
            if let value {
                state.value = value
                state.isFresh = version.map(Self.isFresh) ?? false
            }
            state.lookedAt = .now
            state.isLooking = false
        }
    }

    /// Whether a file was written so recently that another write might leave the same timestamp.
    private static func isFresh(_ version: ObjectAttributes) -> Bool {
        timespec.now.nanosecondsSince1970.clampedSubtracting(version.modified) < 2_000_000_000
    }
}

/// The error for a file that exists but cannot be read.
package struct UnreadableFile: Error, CustomStringConvertible {
    /// The path of the file.
    package let path: String
    /// The system's error message.
    package let reason: String

    init(path: String, _ error: SystemError) {
        self.path = path
        self.reason = error.description
    }

    package var description: String { "cannot read \(path): \(reason)" }
}
