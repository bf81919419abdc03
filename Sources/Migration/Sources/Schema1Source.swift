package import Conversion
package import ImageModel
package import RegistryCore
package import Storage

/// The schema1 images of a v2 directory, ours or registry:2's.
///
/// Each is presented as a v1 chain, one image per layer. Blobs never change, and their digests attest their content.
package struct Schema1Source: MigrationSource {
    package let identity: String
    package let tree: V1Tree
    package let keepsImages = true
    package let notices: [SourceNotice]
    package let failures: [FailedTag]
    package let leftOutTagCount: Int
    private let images: Schema1Tree
    private let manifests: TaggedManifests

    /// Reads the tags and their manifests.
    ///
    /// - Parameter identity: The directory's path without symbolic links.
    package init(_ storage: any ObjectStorage, identity: String) async throws {
        let parts = RegistryParts(storage: storage)
        let manifests = TaggedManifests(parts)
        let v1Tree = parts.tree
        var images = Schema1Tree(base: storage)
        var notices: [SourceNotice] = []
        var failures: [FailedTag] = []
        var otherCount = 0
        func fail(_ name: RepositoryName, _ tag: Tag, _ reason: String) {
            failures.append(FailedTag(Schema1Tree.v1Name(of: name).description, tag.description, reason: reason))
        }
        try await manifests.forEach { tagged in
            let manifest: Manifest
            do { manifest = try await manifests.manifest(tagged.digest, in: tagged.name) } catch
                where error.isOfOneImage
            {
                // Unreadable, so not known to be schema1: report it as not converted.
                return fail(tagged.name, tagged.tag, "cannot read its manifest: \(error)")
            }
            guard let schema1 = manifest.schema1 else {
                otherCount += 1
                return
            }
            if let v1Name = V1RepositoryName(tagged.name),
                try await v1Tree.side(tagged.tag, in: v1Name) != nil
            {
                let text = "v1 also has the tag \(tagged.tag), which must be converted first; skipped"
                notices.append(SourceNotice(subject: "repository \(tagged.name)", text: text))
                return
            }
            let top: Result<V1ImageID, UnusableSchema1>
            do {
                let image = try images.add(try Schema1History(schema1).layers)
                top = image.map { .success($0) } ?? .failure(.init(manifest: tagged.digest, reason: "it has no layer"))
            } catch { top = .failure(.init(manifest: tagged.digest, reason: "\(error)")) }
            images.add(
                Schema1Tag(name: tagged.name, manifest: tagged.digest, modified: tagged.modified, top: top),
                as: tagged.tag.description
            )
        } unreadable: { name, tag, error in
            guard error.isOfOneImage else { throw error }
            fail(name, tag, "\(error)")
        }
        if otherCount > 0 {
            let text = "skipped: their manifests are not schema1"
            notices.append(SourceNotice(subject: "\(otherCount) tags", text: text))
        }
        self.images = images
        self.manifests = manifests
        self.tree = V1Tree(storage: images)
        self.identity = "schema1 \(identity)"
        self.notices = notices
        self.failures = failures
        self.leftOutTagCount = otherCount
    }

    package func name(of repository: V1RepositoryName, by naming: NameMapping) throws -> RepositoryName {
        guard let name = images.tags[repository]?.values.first?.name else { return try naming.name(of: repository) }
        return try naming.renamed(name)
    }

    package func manifest(of tag: String, in repository: V1RepositoryName) throws -> Digest? {
        guard let tag = images.tags[repository]?[tag] else { return nil }
        _ = try tag.top.get()
        return tag.manifest
    }

    package func blob(of id: V1ImageID) -> Digest? { images.layers[id]?.blob }

    package func image(of tag: SurveyedTag, _ layers: [ReadLayer], format: ImageFormat) async throws -> ConvertedImage?
    {
        guard let tag = images.tags[tag.v1Name]?[tag.tag.description] else { return nil }
        guard let schema1 = try await manifests.manifest(tag.manifest, in: tag.name).schema1 else { return nil }
        var known: [Digest: StoredLayer] = [:]
        for layer in layers {
            guard let blob = blob(of: layer.image) else { continue }
            known[blob] = StoredLayer(blob: layer.blob, diffID: layer.diffID)
        }
        do { return try ConvertedImage(schema1: Schema1History(schema1), layers: known, format: format) } catch {
            throw UnusableSchema1(manifest: tag.manifest, reason: "\(error)")
        }
    }

    package func layer(
        of id: V1ImageID,
        byteCount: Int64,
        progress: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> LayerFile {
        guard let key = images.layerKey(id) else { throw DamagedImage(id, .missing) }
        return LayerFile(LinkSource(key, in: images.base))
    }

    package func release(_ id: V1ImageID) async throws {}
}
