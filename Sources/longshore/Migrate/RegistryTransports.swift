import RegistryClient

/// The connections to a migration's source and destination, used when they are registries.
struct RegistryTransports {
    let source: RegistryTransport
    let destination: RegistryTransport

    /// Runs `body` with the transports and shuts them down when it ends, however it ends.
    static func with<Value>(
        _ options: MigrateOptions,
        _ body: (RegistryTransports) async throws -> Value
    ) async throws -> Value {
        func transport(isInsecure: Bool) throws -> RegistryTransport {
            try RegistryTransport(
                trust: isInsecure ? .anyone : .system(file: options.caFile),
                patience: .seconds(options.patience)
            )
        }
        let source = try transport(isInsecure: options.insecureSource)
        let destination: RegistryTransport
        do { destination = try transport(isInsecure: options.insecureDestination) } catch {
            try await source.shutdown()
            throw error
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(RegistryTransports(source: source, destination: destination)))
        } catch {
            result = .failure(error)
        }
        for transport in [source, destination] { try await transport.shutdown() }
        return try result.get()
    }
}
