import Logging
import NIOCore
import NIOPosix
import Storage
import Synchronization
import SystemLibraries

/// Verifies users and passwords against an htpasswd file.
///
/// Hashing takes long on purpose. It is done on a few threads of its own, once for all who come with the same
/// credentials at the same time, and what was verified is remembered for a while (``VerifiedPairs``).
final class PasswordVerifier: Sendable {
    /// What became of an attempt.
    enum Outcome: Sendable, Equatable {
        case verified(user: String, hash: PasswordHash)
        /// There is no such user, or the password is another one: nothing tells which.
        case refused
        /// Too many attempts are waiting, of this address or of all.
        case tooMany
    }

    private struct State {
        var pairs = VerifiedPairs()
        var refusals = RefusedPairs()
        var throttle = LoginThrottle()
        /// The attempts that go on, by the keyed hash of the credentials.
        var running: [KeyedHash.Code: Task<Outcome, Never>] = [:]
        /// How many of them wait because their address has failed before.
        var delayedCount = 0
        /// How many of them are hashed, or will be as soon as there is a thread.
        var hashedCount = 0
    }

    /// How an attempt begins.
    private enum Beginning {
        case known(Outcome)
        case running(Task<Outcome, Never>)
    }

    private let file: WatchedFile<HtpasswdDocument>
    private let secret = KeyedHash()
    private let state = Mutex(State())
    private let logger: Logger
    private let sleep: @Sendable (Duration) async -> Void

    /// On them all hashing is done.
    static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: threadCount)
        pool.start()
        return pool
    }()
    /// Half of the cores, so that guessers cannot take the others from those who pull.
    static let threadCount = max(1, System.coreCount / 2)

    /// How many attempts may be hashed, or stand before a thread, at once; more are refused.
    private static let hashedLimit = 256
    /// How many attempts may wait because of failures before; more are refused, and nobody's who has not failed.
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

    /// Waits; less long only when the program ends.
    private static func wait(_ duration: Duration) async {
        do { try await Task.sleep(for: duration) } catch {}
    }

    /// The user whose hash in the file is this one now; nil when it is another one, or nobody's.
    func hash(of user: String) async -> PasswordHash? { await file.value.users[user] ?? nil }

    /// Whoever was verified lately by this very header, which then need not be taken apart again.
    func known(_ header: String) async -> VerifiedPairs.Pair? {
        let code = headerCode(header)
        let document = await file.value
        return state.withLock { $0.pairs.pair(for: code, in: document, now: .now) }
    }

    /// Verifies a user and a password.
    ///
    /// A client that sends the same wrong password with all that it asks for fails once.
    /// - Parameters:
    ///   - header: The header that they were sent in, if in one: there are many ways to write the same.
    ///   - address: Whose failures it would be.
    func verify(_ user: String, _ password: [UInt8], header: String? = nil, from address: String) async
        -> Outcome
    {
        // A user's name has no colon.
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

    /// What a header is known by: apart from all that a user and a password are.
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
        // Not the user: people type passwords there.
        logger.warning("login failed", metadata: ["remote": "\(address)"])
        return .refused
    }
}
