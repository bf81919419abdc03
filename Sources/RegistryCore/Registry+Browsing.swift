package import ImageModel
package import NIOCore
import Storage

/// Reads for people who look around. Nothing is converted.
extension Registry {
    /// The names of the tags of both protocols, in bytewise order.
    ///
    /// - Throws: ``RegistryError/repositoryUnknown(_:)`` if there is no such repository.
    package func tagNames(in repository: EventRepository) async throws(RegistryError) -> [String] {
        try await RegistryError.translating {
            guard try await isStored(repository) else {
                throw RegistryError.repositoryUnknown(repository.description)
            }
            return try await bridge.tagNames(in: repository)
        }
    }

    /// When each tag was last set, in nanoseconds since 1970; nil for a tag that does not exist.
    package func times(ofTags tags: [String], in repository: EventRepository) async throws(RegistryError) -> [Int64?] {
        try await RegistryError.translating {
            let storage = manifests.storage
            var times = [Int64?](repeating: nil, count: tags.count)
            var keys: [(index: Int, key: ObjectKey)] = []
            for (index, text) in tags.enumerated() {
                if let name = repository.v2, let tag = try? Tag(parsing: text) {
                    keys.append((index, V2Layout.currentLink(tag, in: name)))
                }
                if let name = repository.v1, let key = V1Layout.tag(text, in: name) { keys.append((index, key)) }
            }
            for some in keys.steps(of: 256) {
                for (place, attributes) in zip(some, try await storage.attributes(of: some.map(\.key))) {
                    guard let attributes else { continue }
                    times[place.index] = max(times[place.index] ?? .min, attributes.modified)
                }
            }
            return times
        }
    }

    /// Describes one tag of a repository.
    package func summary(
        ofTag tag: String,
        in repository: EventRepository
    ) async throws(RegistryError) -> ImageSummary {
        try await RegistryError.translating { try await describe(tag, in: repository) }
    }

    /// A manifest of the repository as it was pushed.
    ///
    /// - Throws: ``RegistryError/manifestUnknown(reference:reason:)`` if the repository has no such manifest.
    package func storedManifest(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) -> Manifest {
        try await RegistryError.translating { try await manifests.read(digest, in: name) }
    }

    /// A small blob of the repository; nil if it is missing, or larger than a document.
    package func document(_ digest: Digest, in name: RepositoryName) async throws(RegistryError) -> ByteBuffer? {
        try await RegistryError.translating {
            do {
                let reader = try await servedBlobs.open(digest, in: name, isRead: true)
                let byteCount = reader.attributes.byteCount
                guard byteCount <= Int64(SmallFile.documentLimit) else { return nil }
                var bytes = ByteBuffer()
                while Int64(bytes.readableBytes) < byteCount {
                    var piece = try await reader.read(
                        at: Int64(bytes.readableBytes),
                        byteCount: Int(byteCount) - bytes.readableBytes
                    )
                    guard bytes.writeBuffer(&piece) > 0 else { break }
                }
                return bytes
            } catch RegistryError.blobUnknown {
                return nil
            }
        }
    }

    /// The number of uploads in progress that this process knows, and of v1 images that it is converting.
    package func activity() async -> (uploadCount: Int, conversionCount: Int) {
        (await uploads.openCount, await bridge.converter.runningCount())
    }
}
