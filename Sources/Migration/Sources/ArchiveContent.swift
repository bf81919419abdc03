import ImageModel
import NIOCore
import RegistryCore
import Storage
import SystemLibraries

/// The members of a `docker save` archive, as the files of a v1 tree.
struct ArchiveContent {
    let archive: any ObjectReader
    /// By path.
    let members: [String: TarIndex.Member]
    private(set) var files: [ObjectKey: ArchiveTree.Content] = [:]
    /// The configurations that are ready, by the top of the chain that they belong to.
    private(set) var configurations: [V1ImageID: [UInt8]] = [:]
    /// The tags that name no image that can be read.
    private(set) var failures: [FailedTag] = []
    /// What is out of order and does no harm.
    private(set) var notices: [SourceNotice] = []

    private static let documentLimit: Int64 = 8 << 20

    init(archive: any ObjectReader, members: [String: TarIndex.Member]) {
        self.archive = archive
        self.members = members
    }

    /// The old form: `repositories` names the tags, `ID/json` and `ID/layer.tar` are the images.
    mutating func readRepositories() async throws {
        for (path, member) in members {
            let parts = path.split(separator: "/")
            guard parts.count == 2, let id = try? V1ImageID(parsing: parts[0]) else { continue }
            switch parts[1] {
            case "json": files[V1Layout.json(id)] = Self.content(member)
            case "layer.tar": files[V1Layout.layer(id)] = resolved(member).map(Self.content)
            default: continue
            }
        }
        for repository in try await document("repositories").object ?? [] {
            for tag in repository.value.object ?? [] {
                let reference = "\(repository.key):\(tag.key)"
                if let id = tag.value.string { name(Array(id.utf8), reference) } else { fail(reference, .noImage) }
            }
        }
    }

    /// The new form: `manifest.json` names tags, configuration and layers of each image.
    mutating func readManifest() async throws {
        guard let images = try await document("manifest.json").array else { throw ArchiveFault.noList }
        for (index, image) in images.enumerated() {
            let references = (image["RepoTags"]?.array ?? []).compactMap(\.string)
            if references.isEmpty {
                let text = "no tag names it; left alone"
                notices.append(SourceNotice(subject: "image \(index + 1) of manifest.json", text: text))
            }
            do {
                let top = try await chain(of: image)
                for reference in references { name(Array(top.description.utf8), reference) }
            } catch let fault as ArchiveFault {
                for reference in references { fail(reference, fault) }
            }
        }
    }

    /// Adds the images that stand for the layers of an image, and answers the id of the top.
    ///
    /// - Throws: ``ArchiveFault``.
    private mutating func chain(of image: JSONValue) async throws -> V1ImageID {
        guard let path = image["Config"]?.string, let member = members[path].flatMap(resolved) else {
            throw ArchiveFault.noConfiguration(path: image["Config"]?.string)
        }
        guard let layers = image["Layers"]?.array else { throw ArchiveFault.noLayers }
        let paths = layers.compactMap(\.string)
        let configuration = try await bytes(of: member)
        if let named = Self.digest(named: path), Digest(.sha256, of: configuration) != named {
            throw ArchiveFault.wrongConfiguration(expected: named)
        }
        guard paths.count == layers.count, let top = try chain(paths, configuration) else {
            throw ArchiveFault.noLayers
        }
        configurations[top] = configuration
        return top
    }

    /// The digest that the path of a configuration tells: `HEX.json`, `blobs/sha256/HEX`.
    private static func digest(named path: String) -> Digest? {
        guard let name = path.split(separator: "/").last?.split(separator: ".").first else { return nil }
        return try? Digest(parsing: "sha256:\(name)")
    }

    /// Adds an image for each layer, the base first, and answers the id of the top.
    ///
    /// The ids are made of what is below and, for the top, of the configuration: equal images have equal ids.
    private mutating func chain(_ layers: [String], _ configuration: [UInt8]) throws -> V1ImageID? {
        var parent: V1ImageID?
        for (index, path) in layers.enumerated() {
            var seed = Array("\(parent?.description ?? "") \(path)".utf8)
            if index == layers.count - 1 { seed += configuration }
            let id = try V1ImageID(parsing: Digest(.sha256, of: seed).hex)
            let parentMember = parent.map { ",\"parent\":\"\($0)\"" } ?? ""
            files[V1Layout.json(id)] = .bytes(Array("{\"id\":\"\(id)\"\(parentMember)}".utf8))
            files[V1Layout.layer(id)] = members[path].flatMap(resolved).map(Self.content)
            parent = id
        }
        return parent
    }

    /// Lets a tag name an image: `centos:6`, `host:5000/name/space:1`, of which the host is left out.
    private mutating func name(_ image: [UInt8], _ reference: String) {
        guard let colon = reference.lastIndex(of: ":") else { return fail(reference, .noTag) }
        var repository = reference[..<colon]
        if let slash = repository.firstIndex(of: "/"), repository[..<slash].contains(where: { $0 == "." || $0 == ":" })
        {
            repository = repository[repository.index(after: slash)...]
        }
        let parts = repository.split(separator: "/", maxSplits: 1).map(String.init)
        let name = V1RepositoryName(
            namespace: parts.count == 2 ? parts[0] : V1RepositoryName.libraryNamespace,
            repository: parts.last ?? ""
        )
        guard let key = V1Layout.tag(String(reference[reference.index(after: colon)...]), in: name) else {
            return fail(reference, .noTag)
        }
        if case .bytes(let other) = files[key], other != image { return fail(reference, .taken(name: name)) }
        files[key] = .bytes(image)
    }

    private mutating func fail(_ reference: String, _ fault: ArchiveFault) {
        let colon = reference.lastIndex(of: ":") ?? reference.endIndex
        let tag = String(reference[colon...].dropFirst())
        failures.append(FailedTag(String(reference[..<colon]), tag, reason: "\(fault)"))
    }

    /// The member with the bytes of `member`, which may be a link to another: since 1.10 equal layers are stored once.
    private func resolved(_ member: TarIndex.Member) -> TarIndex.Member? {
        guard let target = member.linkTarget else { return member }
        let parent = member.path.split(separator: "/").dropLast()
        var parts = parent.map(String.init)
        for part in target.split(separator: "/") {
            switch part {
            case "..": if !parts.isEmpty { parts.removeLast() }
            case ".": continue
            default: parts.append(String(part))
            }
        }
        // One step: a link to a link is written by nobody.
        let found = members[parts.joined(separator: "/")] ?? members[target]
        return found.flatMap { $0.linkTarget == nil ? $0 : nil }
    }

    private func document(_ path: String) async throws -> JSONValue {
        guard let member = members[path] else { return .null }
        return try JSONValue(parsing: try await bytes(of: member))
    }

    private func bytes(of member: TarIndex.Member) async throws -> [UInt8] {
        guard member.byteCount <= Self.documentLimit else { throw ArchiveFault.tooLarge(path: member.path) }
        return Array(buffer: try await archive.read(at: member.offset, byteCount: Int(member.byteCount)))
    }

    private static func content(_ member: TarIndex.Member) -> ArchiveTree.Content {
        .stretch(offset: member.offset, byteCount: member.byteCount)
    }
}
