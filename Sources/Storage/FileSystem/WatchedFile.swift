import Glibc
package import NIOPosix
import Synchronization

/// A small file, outside of any storage, that people and programs edit while it is in use: what it says is known, and
/// known anew soon after it has changed.
///
/// It is looked at when somebody asks and the last look is old enough; one asks the disk, the others go on with what is
/// known. Nothing blocks the calling thread.
package final class WatchedFile<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        /// What the file was when it was read.
        var version: ObjectAttributes?
        /// Whether the file may have changed since without looking different: it was read just after it was written.
        var isFresh = true
        var lookedAt: ContinuousClock.Instant?
        var isLooking = false
    }

    /// The file.
    package let path: String
    private let pool: NIOThreadPool
    private let interval: Duration
    private let parse: @Sendable (Result<[UInt8]?, UnreadableFile>) -> Value
    private let state: Mutex<State>
    private let calls = SystemCalls()

    /// - Parameters:
    ///   - initial: What is known before the first look.
    ///   - interval: How old a look may be.
    ///   - parse: What the bytes mean; nil stands for no file. Called on a thread of the pool.
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

    /// What the file says, not older than the interval unless somebody is looking this moment.
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

    /// What the file says, as far as it is known.
    package var known: Value { state.withLock { $0.value } }

    /// Reads the file now, whether it has changed or not.
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

    /// Whether a file was written so lately that another write might give it the same time.
    private static func isFresh(_ version: ObjectAttributes) -> Bool {
        timespec.now.nanosecondsSince1970.clampedSubtracting(version.modified) < 2_000_000_000
    }
}

/// A file that is there and cannot be read.
package struct UnreadableFile: Error, CustomStringConvertible {
    /// Which one.
    package let path: String
    /// What the system says of it.
    package let reason: String

    init(path: String, _ error: SystemError) {
        self.path = path
        self.reason = error.description
    }

    package var description: String { "\(path) cannot be read: \(reason)" }
}
