import Storage

/// Startup.
extension Registry {
    /// Loads the key that signs schema1 manifests, creating it if necessary, and the records of damaged blobs.
    ///
    /// If the storage is read-only, the key is loaded when it is first needed.
    package func prepare() async throws(RegistryError) {
        try await RegistryError.translating {
            if !isReadOnly { try await signer.prepare() }
            try await blobs.checks.prepare()
        }
    }

    /// The preferred executor for requests that make many storage calls.
    package var executor: any TaskExecutor { manifests.storage.executor ?? globalConcurrentExecutor }

    /// The secret that signs this registry's tokens. It stays the same as long as the directory keeps its key; a
    /// read-only directory without a key gives each process a different one.
    package func tokenSecret() async throws(RegistryError) -> [UInt8] {
        try await RegistryError.translating { try await signer.secret(for: "longshore access tokens") }
    }
}
