import ImageModel
package import Logging
import Storage
import Synchronization

/// Omits damaged items from lists and logs them, each at most once in ten minutes.
///
/// One bad tag, manifest or file only affects itself. Errors of a failing medium are thrown.
package final class DamageLog: Sendable {
    private struct Subject: Hashable, Sendable {
        let repository: String
        let item: String
    }

    /// How long before the same item is logged again.
    private static let pause = Duration.seconds(600)
    /// The maximum number of remembered items.
    private static let limit = 10_000

    private let logger: Logger?
    private let named = Mutex<[Subject: ContinuousClock.Instant]>([:])

    /// - Parameter logger: Nil disables logging.
    package init(logger: Logger?) { self.logger = logger }

    /// The result of `work` on one item of a repository; nil, with a log message, if the item is damaged.
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

    /// Logs that an item is damaged.
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
            "damaged content omitted",
            metadata: ["repository": "\(repository)", "item": "\(item)", "error": "\(error)"]
        )
    }
}
