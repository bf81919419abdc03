import Logging
import NIOCore
import NIOPosix
import Storage
import Synchronization
import SystemLibraries

/// Verifies users and passwords against an htpasswd file.
///
/// Hashing is slow on purpose. It runs on a few dedicated threads, once for concurrent requests with the same
/// credentials, and successful results are remembered for a while (``VerifiedPairs``).
final class PasswordVerifier: Sendable {
    /// The result of an attempt.
    enum Outcome: Sendable, Equatable {
        case verified(user: String, hash: PasswordHash)
        /// The user does not exist or the password is wrong; the response does not reveal which.
        case refused
        /// Too many attempts are waiting, from this address or in total.
        case tooMany
    }

    private struct State {
        var pairs = VerifiedPairs()
        var refusals = RefusedPairs()
        var throttle = LoginThrottle()
        /// The attempts in progress, by the keyed hash of their credentials.
        var running: [KeyedHash.Code: Task<Outcome, Never>] = [:]
        /// How many of them are delayed because their address has failed before.
        var delayedCount = 0
        /// How many of them are being hashed or waiting for a thread.
        var hashedCount = 0
    }

    /// The state of an attempt when it begins.
    private enum Beginning {
        case known(Outcome)
        case running(Task<Outcome, Never>)
    }

    private let file: WatchedFile<HtpasswdDocument>
    private let secret = KeyedHash()
    private let state = Mutex(State())
    private let logger: Logger
    private let sleep: @Sendable (Duration) async -> Void

    /// The threads for hashing.
    static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: threadCount)
        pool.start()
        return pool
    }()
    /// Half of the cores, so that password guessers leave the others to pulls.
    static let threadCount = max(1, System.coreCount / 2)

    /// The most attempts being hashed or waiting for a thread; more are refused.
    private static let hashedLimit = 256
    /// The most attempts delayed after failures; more are refused, but never from addresses without failures.
    private static let delayedLimit = 4096

    init(
        _ file: WatchedFile<HtpasswdDocument>,
        logger: Logger,
        sleep: @escaping @Sendable (Duration) async -> Void = PasswordVerifier.wait
    ) {
        self.file = file
        self.logger = logger
        self.sleep = sleep
    }

    /// Waits; shorter only when the program ends.
    private static func wait(_ duration: Duration) async {
        do { try await Task.sleep(for: duration) } catch {}
    }

    /// The user's current hash in the file; nil when there is none.
    func hash(of user: String) async -> PasswordHash? { await file.value.users[user] ?? nil }

    /// The user and hash recently verified for the same header, which saves decoding it again.
    func known(_ header: String) async -> VerifiedPairs.Pair? {
        let code = headerCode(header)
        let document = await file.value
        return state.withLock { $0.pairs.pair(for: code, in: document, now: .now) }
    }

    /// Verifies a user and a password.
    ///
    /// A client that sends the same wrong password with many requests counts as one failure.
    /// - Parameters:
    ///   - header: The header with the credentials, if any: the same credentials can be encoded in many ways.
    ///   - address: The address that failures are counted for.
    func verify(_ user: String, _ password: [UInt8], header: String? = nil, from address: String) async
        -> Outcome
    {
        // User names contain no colon.
        let code = secret.code(of: Array(user.utf8) + [UInt8(ascii: ":")] + password)
        let document = await file.value
        let hash = document.users[user] ?? nil
        let beginning: Beginning = state.withLock { state in
            if let known = state.pairs.pair(for: code, in: document, now: .now) {
                if let header { state.pairs.keep(known, for: headerCode(header), now: .now) }
                return .known(.verified(user: known.user, hash: known.hash))
            }
            if let running = state.running[code] { return .running(running) }
            if state.refusals.contains(code, user, hash, now: .now) { return .known(.refused) }
            guard let delay = state.throttle.begin(address, now: .now) else { return .known(.tooMany) }
            if delay > .zero {
                guard state.delayedCount < Self.delayedLimit else {
                    state.throttle.end(address, user, succeeded: nil, now: .now)
                    return .known(.tooMany)
                }
                state.delayedCount += 1
            }
            let task = Task { await attempt(user, password, code, from: address, after: delay) }
            state.running[code] = task
            return .running(task)
        }
        switch beginning {
        case .known(let outcome): return outcome
        case .running(let task): return await task.value
        }
    }

    /// The code of a header; the leading zero byte keeps it distinct from codes of credentials.
    private func headerCode(_ header: String) -> KeyedHash.Code { secret.code(of: [0] + Array(header.utf8)) }

    private func attempt(
        _ user: String,
        _ password: [UInt8],
        _ code: KeyedHash.Code,
        from address: String,
        after delay: Duration
    ) async -> Outcome {
        if delay > .zero {
            await sleep(delay)
            state.withLock { $0.delayedCount -= 1 }
        }
        let isHashed = state.withLock { state in
            guard state.hashedCount < Self.hashedLimit else {
                state.running[code] = nil
                state.throttle.end(address, user, succeeded: nil, now: .now)
                return false
            }
            state.hashedCount += 1
            return true
        }
        guard isHashed else { return .tooMany }
        let document = await file.value
        let hash = await withCheckedContinuation { (continuation: CheckedContinuation<PasswordHash?, Never>) in
            Self.threads.submit { _ in
                continuation.resume(returning: document.hash(letting: user, inBy: password))
            }
        }
        state.withLock { state in
            state.hashedCount -= 1
            state.running[code] = nil
            state.throttle.end(address, user, succeeded: hash != nil, now: .now)
            if let hash {
                state.pairs.keep(VerifiedPairs.Pair(user: user, hash: hash, verified: .now), for: code, now: .now)
            } else {
                state.refusals.keep(code, user, document.users[user] ?? nil, now: .now)
            }
        }
        if let hash { return .verified(user: user, hash: hash) }
        // The user name is not logged: people type passwords there.
        logger.warning("login failed", metadata: ["remote": "\(address)"])
        return .refused
    }
}
