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
        var throttle = LoginThrottle()
        /// The hashing that goes on, by the keyed hash of the credentials.
        var running: [[UInt8]: Task<PasswordHash?, Never>] = [:]
    }

    private let file: WatchedFile<HtpasswdDocument>
    private let secret = MessageAuthentication()
    private let state = Mutex(State())
    private let logger: Logger
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Half of the cores, so that guessers cannot take the others from those who pull.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: max(1, System.coreCount / 2))
        pool.start()
        return pool
    }()

    /// How many hashes may wait to be worked out; more attempts are refused.
    private static let runningLimit = 256

    init(
        _ file: WatchedFile<HtpasswdDocument>,
        logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.file = file
        self.logger = logger
        self.sleep = sleep
    }

    /// The user whose hash in the file is this one now; nil when it is another one, or nobody's.
    func hash(of user: String) async -> PasswordHash? { await file.value.users[user] ?? nil }

    /// Verifies what came in `header`, whose parts are `user` and `password`.
    ///
    /// - Parameter address: Whose failures it would be.
    func verify(_ user: String, _ password: [UInt8], header: String, from address: String) async throws -> Outcome {
        let code = secret.code(for: Array(header.utf8))
        let document = await file.value
        let known = state.withLock { $0.pairs.pair(for: code, in: document, now: .now) }
        if let known { return .verified(user: known.user, hash: known.hash) }
        let delay = state.withLock { state in
            state.running.count < Self.runningLimit ? state.throttle.begin(address, now: .now) : nil
        }
        guard let delay else { return .tooMany }
        do {
            if delay > .zero { try await sleep(delay) }
        } catch {
            state.withLock { $0.throttle.end(address, succeeded: false, now: .now) }
            throw error
        }
        let hash = await task(for: code, user, password, in: document).value
        state.withLock { state in
            state.running[code] = nil
            state.throttle.end(address, succeeded: hash != nil, now: .now)
            if let hash { state.pairs.keep(user, hash, for: code, now: .now) }
        }
        guard let hash else {
            logger.warning("login failed", metadata: ["remote": "\(address)", "user": "\(user)"])
            return .refused
        }
        return .verified(user: user, hash: hash)
    }

    private func task(
        for code: [UInt8],
        _ user: String,
        _ password: [UInt8],
        in document: HtpasswdDocument
    ) -> Task<PasswordHash?, Never> {
        state.withLock { state in
            if let running = state.running[code] { return running }
            let task = Task {
                await withCheckedContinuation { (continuation: CheckedContinuation<PasswordHash?, Never>) in
                    Self.threads.submit { _ in
                        continuation.resume(returning: document.hash(letting: user, inBy: password))
                    }
                }
            }
            state.running[code] = task
            return task
        }
    }
}
