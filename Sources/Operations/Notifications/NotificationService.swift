package import Logging
import RegistryCore
import ServiceLifecycle
package import Storage

/// Sends notifications to their receivers while the server runs. What is not sent by its end is sent by the next server.
package struct NotificationService: Service {
    private let notifier: Notifier
    /// The receivers in the configuration, even disabled ones; nil if nothing can be written.
    private let known: Set<String>?
    private let storage: any ObjectStorage
    private let transport: NotificationTransport
    private let logger: Logger

    /// - Parameter known: The names of the receivers in the configuration. The records of others are removed. Nil if
    ///   nothing can be written.
    package init(
        of notifier: Notifier,
        known: [String]?,
        in storage: any ObjectStorage,
        through transport: NotificationTransport = .network,
        logger: Logger
    ) {
        self.notifier = notifier
        self.known = known.map { names in Set(names.map { OwnLayout.notifications(for: $0).name }) }
        self.storage = storage
        self.transport = transport
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await removeLeftovers()
            await withDiscardingTaskGroup { group in
                for queue in notifier.queues {
                    let delivery = NotificationDelivery(
                        of: queue,
                        by: notifier,
                        in: storage,
                        through: transport,
                        logger: logger
                    )
                    group.addTask { await delivery.run() }
                }
                // Services run until the server ends, even without receivers.
                group.addTask {
                    while !Task.isCancelled {
                        do { try await Task.sleep(for: .seconds(86_400)) } catch { return }
                    }
                }
            }
        }
    }

    /// Removes the records for receivers that are no longer in the configuration.
    private func removeLeftovers() async {
        guard let known else { return }
        do {
            for entry in try await storage.list(OwnLayout.notifications)
            where !known.contains(entry.name) {
                logger.notice("removing notifications for a receiver that is not in the configuration")
                try await storage.removeAll(below: OwnLayout.notifications.appending(entry.name))
            }
        } catch {
            logger.warning("cannot remove old notifications", metadata: ["error": "\(error)"])
        }
    }
}
