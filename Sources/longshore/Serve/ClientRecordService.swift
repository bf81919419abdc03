import Logging
import RegistryCore
import ServiceLifecycle

/// Writes down now and then which clients use which repositories, and once more at the end.
struct ClientRecordService: Service {
    let clients: ClientUses
    let logger: Logger

    /// The time between two writes.
    private static let interval = Duration.seconds(300)

    func run() async throws {
        await attempt { try await clients.load() }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.interval) } catch { break }
                await attempt { try await clients.save() }
            }
        }
        await attempt { try await clients.save() }
    }

    private func attempt(_ work: () async throws -> Void) async {
        do { try await work() } catch {
            logger.warning("cannot keep the record of clients", metadata: ["error": "\(Explanation.of(error))"])
        }
    }
}
