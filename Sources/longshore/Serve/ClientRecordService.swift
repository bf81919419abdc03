import Logging
import RegistryCore
import ServiceLifecycle

/// Writes down now and then which clients use which repositories, and who set which tag, and once more at the end.
struct ClientRecordService: Service {
    let clients: ClientUses
    let pushes: TagPushes
    let logger: Logger

    /// The time between two writes.
    private static let interval = Duration.seconds(300)

    func run() async throws {
        await attempt {
            try await clients.load()
            try await pushes.load()
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.interval) } catch { break }
                await save()
            }
        }
        await save()
    }

    private func save() async {
        await attempt {
            try await clients.save()
            try await pushes.save()
        }
    }

    private func attempt(_ work: () async throws -> Void) async {
        do { try await work() } catch {
            logger.warning("cannot keep the record of clients", metadata: ["error": "\(Explanation.of(error))"])
        }
    }
}
