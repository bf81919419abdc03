import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// Accepts connections on a socket that another process has bound. Hummingbird's server can only bind its own.
struct InheritedListener {
    /// The listening socket.
    let descriptor: Int32
    /// Sets up and serves each connection.
    let channel: RegistryChannel
    let logger: Logger

    /// Accepts and serves connections until the server is shut down gracefully or its task is cancelled.
    func run(connectionLimit: Int, onRunning: (any Channel) -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let quiescing = ServerQuiescingHelper(group: group)
        let (connections, connection) = AsyncStream.makeStream(of: RegistryChannel.Value.self)
        let server = try await ServerBootstrap(group: group)
            .serverChannelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    let limiter = AvailableConnectionsChannelHandler(maxConnections: connectionLimit)
                    try server.pipeline.syncOperations.addHandler(limiter)
                    try server.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: server))
                }
            }
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { child in
                channel.setup(channel: child, logger: logger).map { _ = connection.yield($0) }
            }
            .withBoundSocket(descriptor)
            .get()
        server.closeFuture.whenComplete { _ in connection.finish() }
        onRunning(server)
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { tasks in
                    for await value in connections {
                        tasks.addTask { await channel.handle(value: value, logger: logger) }
                    }
                }
            } onCancel: {
                server.close(promise: nil)
            }
        } onGracefulShutdown: {
            quiescing.initiateShutdown(promise: nil)
        }
    }
}
