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

/// The HTTP server, at one place, in plain text, encrypted or both.
///
/// Runs until it is shut down gracefully (it then takes no new requests, and finishes those that have begun to arrive)
/// or its task is cancelled (it then closes every connection).
package struct RegistryServer: Service {
    private let place: ListeningPlace
    private let channel: RegistryChannel
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) -> Void

    /// Describes the server; it is started by ``run()``.
    ///
    /// - Parameters:
    ///   - encryption: How connections are encrypted; nil for not at all.
    ///   - logger: Where what happens to connections is logged.
    ///   - observers: Who learns of each request.
    ///   - idleTimeout: How long nothing may move on a connection before it is closed.
    ///   - headTimeout: How long a request's head may take to arrive, and the first one with the handshake before it.
    ///   - limits: How much all connections together may take.
    ///   - onRunning: Called once, when connections are accepted, with the port: 0 for a socket that has none.
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

    /// Serves.
    ///
    /// - Throws: ``UnusableAddress`` when the place cannot be listened at.
    package func run() async throws {
        // Two thirds of the descriptors that may be open: the others are for files, and most connections are idle.
        let possible = max(OpenFileLimit.raise() / 3 * 2, 16)
        let connectionLimit = min(channel.limits.connectionCount ?? possible, possible)
        do {
            switch place {
            case .address(let address) where address.host.isEmpty:
                do {
                    try await listen(at: .hostname("::", port: address.port), connectionLimit)
                } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
                    // A machine without IPv6.
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
                logger.warning("requests were cut off that took longer than they may")
            }
        } catch is SocketAddressError.UnknownHost {
            throw UnusableAddress(place: place, reason: "no address is known for this host: is its name right?")
        } catch is SocketAddressError {
            throw UnusableAddress(place: place, reason: "the system has no such address")
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

    /// Hummingbird announces its start by itself; this server does that.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
