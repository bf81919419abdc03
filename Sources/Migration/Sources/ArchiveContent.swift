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
                guard let id = tag.value.string else { continue }
                name(Array(id.utf8), "\(repository.key):\(tag.key)")
            }
        }
    }

    /// The new form: `manifest.json` names tags, configuration and layers of each image.
    mutating func readManifest() async throws {
        for image in try await document("manifest.json").array ?? [] {
            guard let path = image["Config"]?.string, let member = members[path], let layers = image["Layers"]?.array
            else {
                continue
            }
            let configuration = try await bytes(of: member)
            let top = try chain(layers.compactMap(\.string), configuration)
            guard let top else { continue }
            configurations[top] = configuration
            for tag in image["RepoTags"]?.array ?? [] {
                if let tag = tag.string { name(Array(top.description.utf8), tag) }
            }
        }
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
        guard let colon = reference.lastIndex(of: ":") else { return }
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
        guard let key = V1Layout.tag(String(reference[reference.index(after: colon)...]), in: name) else { return }
        files[key] = .bytes(image)
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
        guard member.byteCount <= Self.documentLimit else { return [] }
        return Array(buffer: try await archive.read(at: member.offset, byteCount: Int(member.byteCount)))
    }

    private static func content(_ member: TarIndex.Member) -> ArchiveTree.Content {
        .stretch(offset: member.offset, byteCount: member.byteCount)
    }
}
