package import Storage

/// Disk usage.
extension Registry {
    /// The use of the cache of what exists.
    package var cacheLookups: CacheLookups { recent.lookups }

    /// Measures the bytes that the content of the registry takes. It examines every file.
    ///
    /// - Parameter layerLimit: The number of blobs and v1 layers to list, the largest first.
    package func usage(layerLimit: Int = 0) async throws(RegistryError) -> StorageUsage {
        try await RegistryError.translating {
            try await withTaskExecutorPreference(executor) {
                var scan = UsageScan(manifests.storage)
                try await scan.run()
                return try await scan.summary(layerLimit: layerLimit)
            }
        }
    }
}
