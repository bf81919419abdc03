import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import RegistryCore
import ServiceLifecycle
import Settings
import Storage
import Synchronization

/// Performs tasks for commands on this machine, received on the ``ControlSocket``.
///
/// It may only run while the directory is locked: it replaces the socket that a killed server left.
struct ControlService: Service {
    let registry: Registry
    let storage: FileSystemStorage
    let settings: RegistrySettings
    let logger: Logger

    /// The maximum number of connections at once.
    private static let connectionLimit = 16

    func run() async throws {
        let socket: ControlSocket
        let server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>
        do {
            socket = try ControlSocket(below: storage.root)
            server = try await listen(at: socket.path)
            try socket.restrict()
        } catch {
            logger.warning(
                "cannot listen for commands; they only work while the server is stopped",
                metadata: ["error": "\(Explanation.of(error))"]
            )
            return try await gracefulShutdown()
        }
        defer { socket.remove() }
        await cancelWhenGracefulShutdown { await serve(server) }
    }

    private func listen(
        at path: String
    ) async throws -> NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never> {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func serve(_ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>) async {
        let open = OpenConnections()
        do {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        let count = open.count.add(1, ordering: .relaxed).newValue
                        group.addTask {
                            await serve(connection, isOneTooMany: count > Self.connectionLimit)
                            open.count.subtract(1, ordering: .relaxed)
                        }
                    }
                }
            }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("stopped listening for commands", metadata: ["error": "\(Explanation.of(error))"])
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, isOneTooMany: Bool) async {
        do {
            let peer = try await Self.peer(of: connection.channel)
            try await connection.executeThenClose { inbound, outbound in
                let replies = ControlReplies(outbound)
                guard peer.uid == 0 || peer.uid == geteuid() else {
                    logger.warning("command refused", metadata: ["uid": "\(peer.uid)", "pid": "\(peer.pid)"])
                    replies.finish(.failed("only root and the server's user may give commands"))
                    return try await replies.send()
                }
                guard !isOneTooMany else {
                    replies.finish(.failed("the server is performing too many other commands"))
                    return try await replies.send()
                }
                var lines = ControlLines(inbound, limit: ControlSocket.requestLimit).makeAsyncIterator()
                guard let line = try await lines.next() else { return }
                connection.channel.closeFuture.whenComplete { _ in replies.stop() }
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        replies.finish(await perform(line, for: peer, replies))
                        return false
                    }
                    group.addTask {
                        try await replies.send()
                        return true
                    }
                    defer { group.cancelAll() }
                    for try await isOver in group where isOver { break }
                }
            }
        } catch {
            logger.debug("the connection of a command ended", metadata: ["error": "\(Explanation.of(error))"])
        }
    }

    /// Performs the requested task, and returns the last reply.
    private func perform(_ line: ByteBuffer, for peer: ControlPeer, _ replies: ControlReplies) async -> ControlReply {
        do {
            let request = try JSONDecoder().decode(ControlRequest.self, from: Data(line.readableBytesView))
            guard let type = OperatorTasks.all.first(where: { $0.name == request.task }) else {
                return .failed("the running server is of another version: it does not know '\(request.task)'")
            }
            let task = try JSONDecoder().decode(type, from: request.arguments)
            logger.notice(
                "command",
                metadata: [
                    "name": "\(request.task)", "arguments": "\(String(decoding: request.arguments, as: UTF8.self))",
                    "uid": "\(peer.uid)", "pid": "\(peer.pid)",
                ]
            )
            let context = OperatorContext(
                registry: registry,
                storage: storage,
                settings: settings,
                logger: logger,
                output: OperatorOutput { replies.enqueue($0) },
                isInServer: true
            )
            return .finished(try await task.run(in: context))
        } catch {
            logger.notice("command failed", metadata: ["error": "\(Explanation.of(error))"])
            return .failed(Explanation.of(error))
        }
    }

    private final class OpenConnections: Sendable {
        let count = Atomic(0)
    }

    /// The process at the other end: SO_PEERCRED of unix(7).
    private static func peer(of channel: any Channel) async throws -> ControlPeer {
        guard let channel = channel as? any SocketOptionProvider else {
            throw IOError(errnoCode: EBADF, reason: "peer")
        }
        return try await channel.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED)).get()
    }
}
