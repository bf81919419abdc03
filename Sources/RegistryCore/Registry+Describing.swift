package import ImageModel
import NIOCore
import Storage

/// A tag or an untagged manifest of a repository, as shown to an operator.
package struct ImageSummary: Sendable, Equatable {
    /// The tag; nil for an untagged manifest.
    package let tag: String?
    /// The manifest; nil for a v1 image that is not converted.
    package var manifest: ManifestSummary?
    /// The id under which v1 clients see it; nil if they do not.
    package var image: String?
    /// The size of the manifest and everything it names, as stated by descriptors; nil if unknown.
    package var byteCount: Int64?
    /// When the image was created, as stated by its configuration or JSON.
    package var created: String?
    /// The platforms it runs on, as stated by its index or its configuration; empty if unknown.
    package var platforms: [Platform] = []
    /// What is wrong with it; nil if nothing is.
    package var problem: String?
}

/// Descriptions for operators.
extension Registry {
    /// The maximum number of entries of an index to add up.
    private static let childLimit = 1000

    /// Calls `observe` with each tag of a repository, then with each untagged manifest. Converts nothing.
    ///
    /// - Throws: ``RegistryError/repositoryUnknown(_:)`` if there is no such repository.
    package func describe(
        _ repository: EventRepository,
        _ observe: @Sendable (ImageSummary) async throws -> Void
    ) async throws(RegistryError) {
        try await RegistryError.translating {
            guard try await isStored(repository) else {
                throw RegistryError.repositoryUnknown(repository.description)
            }
            var tagged: Set<Digest> = []
            for text in try await bridge.tagNames(in: repository) {
                try Task.checkCancellation()
                let description = try await describe(text, in: repository)
                if let digest = description.manifest?.digest { tagged.insert(digest) }
                try await observe(description)
            }
            guard let name = repository.v2 else { return }
            for digest in try await manifests.list(in: name) where !tagged.contains(digest) {
                try Task.checkCancellation()
                var description = ImageSummary(tag: nil)
                try await noting(&description) { try await fill(&$0, with: digest, in: name) }
                try await observe(description)
            }
        }
    }

    func describe(_ tag: String, in repository: EventRepository) async throws -> ImageSummary {
        var description = ImageSummary(tag: tag)
        try await noting(&description) { description in
            switch try await bridge.target(of: tag, in: repository) {
            case nil: description.problem = "it points to nothing"
            case .image(let image, let manifest):
                description.image = image.description
                if let manifest, let name = repository.v2 {
                    try await fill(&description, with: manifest, in: name)
                } else {
                    try await fill(&description, with: image)
                }
            case .manifest(let digest):
                guard let name = repository.v2 else { return }
                try await fill(&description, with: digest, in: name)
                if let v1Name = repository.v1 { description.image = try await bridge.image(of: tag, in: v1Name) }
            }
        }
        return description
    }

    /// Notes what is wrong with one item in its description; errors that affect more are thrown.
    private func noting(
        _ description: inout ImageSummary,
        _ work: (inout ImageSummary) async throws -> Void
    ) async throws {
        do { try await work(&description) } catch let error as RegistryError {
            switch error {
            case .manifestUnknown: description.problem = "its manifest is missing"
            case .storage(let error) where error.isOfOneObject: description.problem = "\(error)"
            default: throw error
            }
        } catch let error as StorageError where error.isOfOneObject {
            description.problem = "\(error)"
        } catch let damage as DamagedImage {
            description.problem = damage.description
        }
    }

    private func fill(_ description: inout ImageSummary, with image: V1ImageID) async throws {
        let chain = try await V1Chain(of: image, in: tree, checkingAncestry: false)
        description.created = chain.top?.document["created"]?.string
        description.platforms = [chain.top?.document].compactMap(\.self).compactMap(Platform.init(configuration:))
        var byteCount: Int64 = 0
        for image in chain.images {
            byteCount = byteCount.clampedAdding(try await tree.layerAttributes(image.id)?.byteCount ?? 0)
        }
        description.byteCount = byteCount
    }

    private func fill(
        _ description: inout ImageSummary,
        with digest: Digest,
        in name: RepositoryName
    ) async throws {
        description = try await DocumentScope.reading {
            var description = description
            let manifest = try await manifests.read(digest, in: name)
            description.manifest = ManifestSummary(manifest, digest: digest)
            var sizes = [digest: Int64(manifest.bytes.count)]
            try await add(manifest, &sizes)
            let children = manifest.manifests.map(\.descriptor).prefix(Self.childLimit)
            for child in children where sizes[child.digest] == nil {
                sizes[child.digest] = child.size
                do {
                    try await add(try await manifests.read(child.digest, in: name), &sizes)
                } catch RegistryError.manifestUnknown {
                    // A platform that was not pushed, or a blob of a BuildKit cache.
                }
            }
            description.byteCount = sizes.values.clampedSum
            let facts = try await facts(of: manifest)
            description.created = facts.created
            let listed = manifest.manifests.filter { !$0.isReference }.compactMap(\.platform)
            description.platforms = Array((listed + [facts.platform].compactMap(\.self)).prefix(Self.childLimit))
            return description
        }
    }

    /// Adds the sizes of the blobs that a manifest names.
    private func add(_ manifest: Manifest, _ sizes: inout [Digest: Int64]) async throws {
        for descriptor in [manifest.configuration].compactMap(\.self) + manifest.layers {
            sizes[descriptor.digest] = descriptor.size
        }
        for layer in manifest.schema1?.layers ?? [] where sizes[layer] == nil {
            sizes[layer] = try await manifests.storage.attributes(of: V2Layout.blobData(layer))?.byteCount ?? 0
        }
    }

    /// What the image's configuration says.
    private func facts(of manifest: Manifest) async throws -> (created: String?, platform: Platform?) {
        var json = manifest.schema1?.history.first.map { Array($0.utf8) }
        if let configuration = manifest.configuration, configuration.size <= SmallFile.documentLimit {
            json = try await blobs.read(configuration.digest, limit: SmallFile.documentLimit).map { Array(buffer: $0) }
        }
        guard let json else { return (nil, nil) }
        return await HeavyWork.parsing(json.count) {
            guard let document = try? JSONText(parsing: json) else { return (nil, nil) }
            return (document["created"]?.string, Platform(configuration: document))
        }
    }
}

extension Platform {
    /// The platform in an image's configuration or a v1 image's JSON; nil if it states none.
    fileprivate init?(configuration: JSONText) {
        guard let os = configuration["os"]?.string, let architecture = configuration["architecture"]?.string,
            !os.isEmpty, !architecture.isEmpty
        else { return nil }
        self.init(os: os, architecture: architecture, variant: configuration["variant"]?.string)
    }
}
