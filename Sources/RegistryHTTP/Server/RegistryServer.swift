import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The HTTP server, listening on one address: plain, encrypted or both.
///
/// It runs until it is shut down gracefully (it then accepts no new requests, and finishes those that have begun to
/// arrive) or its task is cancelled (it then closes all connections).
package struct RegistryServer: Service {
    private let place: ListeningPlace
    private let channel: RegistryChannel
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) -> Void

    /// Creates a server; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - encryption: Encryption of connections; nil for none.
    ///   - logger: Logs connection events.
    ///   - observers: Notified of each request.
    ///   - idleTimeout: How long a connection may be idle before it is closed.
    ///   - headTimeout: How long a request's head may take to arrive; for the first one, including the handshake.
    ///   - limits: Limits for all connections together.
    ///   - onRunning: Called once, when the server accepts connections, with the port: 0 for a socket without one.
    package init(
        at place: ListeningPlace,
        responder: any RegistryResponder,
        encryption: Encryption? = nil,
        logger: Logger,
        observers: [any RequestObserver] = [],
        idleTimeout: Duration = .seconds(300),
        headTimeout: Duration = .seconds(60),
        limits: ConnectionLimits = ConnectionLimits(),
        onRunning: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.place = place
        self.channel = RegistryChannel(
            responder: responder,
            encryption: encryption,
            logger: logger,
            observers: observers,
            idleTimeout: idleTimeout,
            headTimeout: headTimeout,
            limits: limits
        )
        self.logger = logger
        self.onRunning = onRunning
    }

    /// Runs the server.
    ///
    /// - Throws: ``UnusableAddress`` when the server cannot listen on the address.
    package func run() async throws {
        // Two thirds of the descriptors are for connections, most of which are idle; the rest is for files.
        let possible = max(OpenFileLimit.raise() / 3 * 2, 16)
        let connectionLimit = min(channel.limits.connectionCount ?? possible, possible)
        do {
            switch place {
            case .address(let address) where address.host.isEmpty:
                do {
                    try await listen(at: .hostname("::", port: address.port), connectionLimit)
                } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
                    // The machine has no IPv6.
                    try await listen(at: .hostname("0.0.0.0", port: address.port), connectionLimit)
                }
            case .address(let address):
                try await listen(at: .hostname(address.host, port: address.port), connectionLimit)
            case .socket(let path):
                try await listen(at: .unixDomainSocket(path: path), connectionLimit)
            case .inherited(let descriptor):
                let listener = InheritedListener(descriptor: descriptor, channel: channel, logger: quietLogger)
                try await listener.run(connectionLimit: connectionLimit, onRunning: announce)
            }
            if Task.isCancelled, Task.isShuttingDownGracefully {
                logger.warning("shutdown deadline passed; unfinished requests were cut off")
            }
        } catch is SocketAddressError.UnknownHost {
            throw UnusableAddress(place: place, reason: "unknown host; check the name")
        } catch is SocketAddressError {
            throw UnusableAddress(place: place, reason: "this machine has no such address")
        } catch let error as IOError {
            throw UnusableAddress(place: place, reason: String(cString: strerror(error.errnoCode)))
        }
    }

    private func listen(at address: BindAddress, _ connectionLimit: Int) async throws {
        let server = channel.server(
            configuration: ServerConfiguration(
                address: address,
                backlog: 1024,
                availableConnectionsDelegate: .maximum(connectionLimit, logger: quietLogger)
            ),
            onServerRunning: { announce($0) },
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            logger: quietLogger
        )
        try await server.run()
    }

    private func announce(_ channel: any Channel) {
        let port = channel.localAddress?.port ?? 0
        logger.notice("listening", metadata: ["place": "\(place)", "port": "\(port)"])
        onRunning(port)
    }

    /// Hides Hummingbird's own startup message, which ``announce(_:)`` replaces.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
