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

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The HTTP server, in plain text, on one address.
///
/// Runs until it is shut down gracefully (it then takes no new requests, and finishes those that have begun to arrive)
/// or its task is cancelled (it then closes every connection).
package struct RegistryServer: Service {
    private let address: ListenAddress
    private let channel: RegistryChannel
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) -> Void

    /// Describes the server; it is started by ``run()``.
    ///
    /// - Parameters:
    ///   - logger: Gets one line a request at `info`.
    ///   - idleTimeout: How long nothing may move on a connection before it is closed.
    ///   - onRunning: Called once, with the port, when connections are accepted.
    package init(
        address: ListenAddress,
        responder: any RegistryResponder,
        logger: Logger,
        idleTimeout: Duration = .seconds(300),
        onRunning: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.address = address
        self.channel = RegistryChannel(responder: responder, logger: logger, idleTimeout: idleTimeout)
        self.logger = logger
        self.onRunning = onRunning
    }

    /// Serves.
    ///
    /// - Throws: ``UnusableAddress`` when the address cannot be listened on.
    package func run() async throws {
        let connectionLimit = max(OpenFileLimit.raise() / 2, 16)
        guard address.host.isEmpty else {
            return try await listen(on: address.host, connectionLimit: connectionLimit)
        }
        do {
            try await listen(on: "::", connectionLimit: connectionLimit)
        } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
            // A machine without IPv6.
            try await listen(on: "0.0.0.0", connectionLimit: connectionLimit)
        }
    }

    /// - Parameter connectionLimit: Half of the descriptors that may be open: the others are for files.
    private func listen(on host: String, connectionLimit: Int) async throws {
        // Hummingbird announces its start by itself; this server does that below.
        var quietLogger = logger
        quietLogger.logLevel = max(logger.logLevel, .warning)
        let server = channel.server(
            configuration: ServerConfiguration(
                address: .hostname(host, port: address.port),
                backlog: 1024,
                availableConnectionsDelegate: .maximum(connectionLimit, logger: quietLogger)
            ),
            onServerRunning: { [logger, onRunning] channel in
                guard let port = channel.localAddress?.port else { return }
                logger.notice("listening", metadata: ["address": "\(host)", "port": "\(port)"])
                onRunning(port)
            },
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            logger: quietLogger
        )
        do {
            try await server.run()
        } catch let error as IOError {
            throw UnusableAddress(address: address, reason: String(cString: strerror(error.errnoCode)))
        }
    }
}
