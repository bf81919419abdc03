extension FileSystemStorage {
    package func link(
        _ source: LinkSource,
        to destination: ObjectKey,
        allowing policy: LinkPolicy
    ) async throws(StorageError) -> LinkOutcome {
        if isReadOnly { throw .readOnly(destination) }
        if let origin = source.storage as? FileSystemStorage {
            let link = FileLink(source: source, origin: origin, destination: destination, storage: self)
            return try await link.make(allowing: policy)
        }
        try await StreamedCopy(source: source, storage: self).make(destination)
        switch policy {
        case .hardLink: return .copy(because: .differentDrivers)
        case .copy: return .copy(because: .requested)
        }
    }
}
