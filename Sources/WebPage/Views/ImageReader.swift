import ImageModel
import NIOCore
import RegistryCore
import RegistryHTTP
import Storage

/// Reads what an image's page shows.
struct ImageReader: Sendable {
    let repository: EventRepository
    let registry: Registry
    let context: PageContext

    private var links: PageLinks { context.links }
    private var name: String { repository.description }

    /// The image that a tag points to.
    func image(tag: String) async throws -> ImageParts {
        guard let time = try await registry.times(ofTags: [tag], in: repository).first ?? nil else {
            throw PageProblem.unknown("There is no tag \(tag) in \(name), or you may not see it.")
        }
        let summary = try await registry.summary(ofTag: tag, in: repository)
        var parts = ImageParts(repository, heading: "\(name):\(tag)")
        parts.problem = summary.problem
        if let digest = summary.manifest?.digest, let name = repository.v2, summary.problem == nil {
            try await add(digest, in: name, v1Image: summary.image, &parts)
        } else if let image = summary.image.flatMap({ try? V1ImageID(parsing: $0) }) {
            parts.chips.append(Chip(text: "v1 only", tone: "warn"))
            try await addV1(image, &parts)
        }
        let tags = TagReader(repository: repository, registry: registry, context: context, names: [])
        let pusher = try await tags.pusher(of: tag).map { " " + $0 } ?? ""
        parts.add("Pushed", PageFormat.time(nanoseconds: time) + pusher)
        parts.add("Size", summary.byteCount.map(PageFormat.bytes))
        parts.commands = PullCommand.all(
            name,
            ":\(tag)",
            v1Image: summary.image,
            isV1Enabled: registry.v1.access != .disabled,
            context
        )
        if context.mayDelete(name) {
            parts.deletions.append(PageLink(title: "Delete this tag …", link: links.delete(name, tag: tag)))
        }
        return parts
    }

    /// A manifest by its digest.
    func image(digest: Digest) async throws -> ImageParts {
        guard let name = repository.v2 else { throw PageProblem.unknown("\(self.name) has no manifests.") }
        var parts = ImageParts(repository, heading: "\(name)@\(digest.description.prefix(19))…")
        try await add(digest, in: name, v1Image: nil, &parts)
        parts.commands = PullCommand.all(self.name, "@\(digest)", v1Image: nil, isV1Enabled: false, context)
        if context.mayDelete(self.name) {
            let link = links.delete(self.name, digest: digest.description)
            parts.deletions.append(PageLink(title: "Delete this manifest …", link: link))
        }
        return parts
    }

    private func add(
        _ digest: Digest,
        in v2Name: RepositoryName,
        v1Image: String?,
        _ parts: inout ImageParts
    ) async throws {
        let manifest = try await registry.storedManifest(digest, in: v2Name)
        parts.add("Digest", digest.description, isCode: true, target: links.image(name, digest: digest.description))
        parts.add("Type", PageFormat.cut(manifest.mediaType.description, to: 200))
        parts.add("Artifact", manifest.artifactType.map { PageFormat.cut($0, to: 200) })
        parts.add("v1 id", v1Image, isCode: true)
        if let subject = manifest.subject?.digest.description {
            parts.add("Refers to", subject, isCode: true, target: links.image(name, digest: subject))
        }
        parts.documents.append(PageLink(title: "Manifest", link: links.document(name, digest: digest.description)))
        var isImage = manifest.schema1 != nil
        if let configuration = manifest.configuration {
            isImage = [.dockerConfiguration, .ociConfiguration].contains(configuration.mediaType)
            let link = links.document(name, digest: configuration.digest.description)
            parts.documents.append(PageLink(title: "Configuration", link: link))
            let bytes = try await registry.document(configuration.digest, in: v2Name)
            await add(configuration: bytes, manifest, &parts)
        } else if let schema1 = manifest.schema1 {
            await add(schema1, &parts)
        }
        parts.add(
            "Served as",
            ImageParts.forms(
                of: manifest.kind,
                isImage: isImage,
                v1Image: v1Image,
                offersSchema1: registry.compatibility.offersSchema1
            )
        )
        parts.addPlatforms(of: manifest, links)
        let prefix = "\(digest.algorithm.rawValue)-\(digest.hex)"
        let tags = try await registry.tagNames(in: repository).filter { $0.hasPrefix(prefix) }
        let found = try await registry.referrers.list(of: digest, in: v2Name)
        parts.addReferrers(found, tags: Array(tags.prefix(16)), links)
    }

    private func add(configuration bytes: ByteBuffer?, _ manifest: Manifest, _ parts: inout ImageParts) async {
        let document = await Self.parse(bytes)
        var content = document.map { ImageContent(configuration: $0) } ?? ImageContent()
        content.addLayers(manifest.layers, history: document?["history"])
        parts.content = content
        guard let document else { return }
        Self.addStatements(of: document, &parts)
    }

    private func add(_ schema1: Manifest.Schema1, _ parts: inout ImageParts) async {
        let newest = await Self.parse(schema1.history.first.map { ByteBuffer(string: $0) })
        var content = newest.map { ImageContent(configuration: $0) } ?? ImageContent()
        var steps: [ImageContent.Layer] = []
        for (layer, text) in zip(schema1.layers, schema1.history).reversed().prefix(ImageContent.rowLimit) {
            let step = await Self.parse(ByteBuffer(string: text))
            let command = ImageContent.words(step?["container_config"]?["Cmd"]) ?? ""
            steps.append(
                ImageContent.Layer(
                    number: "\(steps.count + 1)",
                    command: PageFormat.cut(ImageContent.plain(command), to: 2000),
                    digest: PageFormat.short(layer.description),
                    size: ""
                )
            )
        }
        content.show(steps)
        parts.content = content
        if let newest { Self.addStatements(of: newest, &parts) }
    }

    /// A v1 image and its ancestors, as v1 clients see them.
    private func addV1(_ image: V1ImageID, _ parts: inout ImageParts) async throws {
        let mayPull: @Sendable (V1RepositoryName) -> Bool = { context.caller.may(.pull, $0.description) }
        guard let access = try await registry.holders.access(to: image, among: mayPull) else { return }
        let ids = try await registry.v1Images.ancestry(of: image, by: access).array ?? []
        var steps: [ImageContent.Layer] = []
        for text in ids.prefix(ImageContent.rowLimit).reversed().compactMap(\.string) {
            guard let id = try? V1ImageID(parsing: text) else { continue }
            let served = try await registry.v1Images.image(id, by: access)
            guard let document = await Self.parse(served.json) else { continue }
            let command = ImageContent.words(document["container_config"]?["Cmd"]) ?? ""
            steps.append(
                ImageContent.Layer(
                    number: "\(steps.count + 1)",
                    command: PageFormat.cut(ImageContent.plain(command), to: 2000),
                    digest: PageFormat.short(text),
                    size: served.layer.map { PageFormat.bytes($0.attributes.byteCount) } ?? ""
                )
            )
            if id == image {
                parts.content = ImageContent(configuration: document)
                Self.addStatements(of: document, &parts)
            }
        }
        parts.content.show(steps)
        parts.add("v1 id", image.description, isCode: true)
        parts.add("Served as", "v1; it is converted when a v2 client pulls it")
        parts.documents.append(PageLink(title: "JSON", link: links.document(name, image: image.description)))
    }

    /// What a configuration or a v1 image states about itself.
    private static func addStatements(of document: JSONText, _ parts: inout ImageParts) {
        let platform = [document["os"]?.string, document["architecture"]?.string, document["variant"]?.string]
        parts.add("Platform", PageFormat.cut(platform.compactMap(\.self).joined(separator: "/"), to: 128))
        parts.add("Created", PageFormat.time(stated: document["created"]?.string))
        parts.add("Built with", document["docker_version"]?.string.map { "Docker \(PageFormat.cut($0, to: 40))" })
    }

    private static func parse(_ bytes: ByteBuffer?) async -> JSONText? {
        guard let bytes else { return nil }
        return await HeavyWork.parsing(bytes.readableBytes) { try? JSONText(parsing: bytes.readableBytesView) }
    }
}
