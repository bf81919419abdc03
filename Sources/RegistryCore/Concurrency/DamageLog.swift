import ImageModel
package import Logging
import Storage
import Synchronization

/// Leaves out of lists what is damaged, and says so in the log: of each thing at most once in ten minutes.
///
/// One bad tag, manifest or file costs itself alone. A medium that fails is another matter: that is thrown.
package final class DamageLog: Sendable {
    private struct Subject: Hashable, Sendable {
        let repository: String
        let item: String
    }

    /// For how long a thing is not named again.
    private static let pause = Duration.seconds(600)
    /// How many things are remembered.
    private static let limit = 10_000

    private let logger: Logger?
    private let named = Mutex<[Subject: ContinuousClock.Instant]>([:])

    /// - Parameter logger: Nil where nothing is logged.
    package init(logger: Logger?) { self.logger = logger }

    /// What `work` makes of one thing in a repository; nil, and a line in the log, where it is damaged.
    func unlessDamaged<Value: Sendable>(
        _ item: @autoclosure () -> String,
        in repository: @autoclosure () -> String,
        isolation: isolated (any Actor)? = #isolation,
        _ work: () async throws -> Value?
    ) async throws -> Value? {
        do { return try await work() } catch let error as StorageError where error.isOfOneObject {
            note(error, of: item(), in: repository())
            return nil
        }
    }

    /// Says that a thing is damaged.
    func note(_ error: any Error, of item: String, in repository: String) {
        guard let logger else { return }
        let now = ContinuousClock.now
        let isNew = named.withLock { named in
            let subject = Subject(repository: repository, item: item)
            if let last = named[subject], now - last < Self.pause { return false }
            if named.count >= Self.limit { named.removeAll() }
            named[subject] = now
            return true
        }
        guard isNew else { return }
        logger.warning(
            "damaged content is left out",
            metadata: ["repository": "\(repository)", "item": "\(item)", "error": "\(error)"]
        )
    }
}
