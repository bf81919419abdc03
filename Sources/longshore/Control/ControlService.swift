import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import Operations
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
    let status: ServerStatus
    let logger: Logger

    /// The maximum number of connections at once.
    private static let connectionLimit = 16

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Open files, for example, may be scarce only for a moment.
            var pause = Duration.seconds(10)
            while await listen() {
                do { try await Task.sleep(for: pause) } catch { return }
                pause = min(pause * 2, .seconds(3600))
            }
        }
    }

    /// Serves commands until it fails or is cancelled, and returns whether it failed.
    private func listen() async -> Bool {
        do {
            let socket = try ControlSocket(below: storage.root)
            let server = try await listen(at: socket.path)
            defer { socket.remove() }
            try await serve(server, on: socket)
            return !Task.isCancelled
        } catch is CancellationError {
            return false
        } catch {
            logger.warning(
                "cannot listen for commands; they only work while the server is stopped",
                metadata: ["error": "\(Explanation.of(error))"]
            )
            return true
        }
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

    private func serve(
        _ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>,
        on socket: ControlSocket
    ) async throws {
        let open = OpenConnections()
        try await server.executeThenClose { connections in
            try socket.restrict()
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
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, isOneTooMany: Bool) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                let peer = try await Self.peer(of: connection.channel)
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
                let line: ByteBuffer
                do {
                    guard let request = try await lines.next() else { return }
                    line = request
                } catch let failure as ControlFailure {
                    replies.finish(.failed(failure.description))
                    return try await replies.send()
                }
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
        let request: ControlRequest
        do { request = try JSONDecoder().decode(ControlRequest.self, from: Data(line.readableBytesView)) } catch {
            return .failed("the running server is of another version: it cannot read the request")
        }
        logger.notice(
            "command",
            metadata: [
                "name": "\(request.task)", "arguments": "\(String(decoding: request.arguments, as: UTF8.self))",
                "uid": "\(peer.uid)", "pid": "\(peer.pid)",
            ]
        )
        do {
            let task = try OperatorTasks.task(request)
            let context = OperatorContext(
                registry: registry,
                storage: storage,
                settings: settings,
                logger: logger,
                output: OperatorOutput({ replies.enqueue($0) }, drain: { try await replies.drain() }),
                isInServer: true,
                status: status
            )
            return .finished(try await OperatorSession.perform(task, for: peer.uid, in: context))
        } catch {
            let reason = Explanation.of(error)
            logger.notice("command failed", metadata: ["name": "\(request.task)", "error": "\(reason)"])
            return .failed(reason)
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
