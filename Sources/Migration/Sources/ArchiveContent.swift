import Conversion
import ImageModel
import NIOCore
import RegistryCore
import Storage
import SystemLibraries

/// The members of a `docker save` archive as files of a v1 tree.
struct ArchiveContent {
    /// An untagged image with its name in messages, or why it cannot be read.
    private struct Nameless {
        let subject: String
        let image: Result<V1ImageID, ArchiveFault>
    }

    let archive: ArchiveMembers
    private(set) var files: [ObjectKey: ArchiveTree.Content] = [:]
    /// The images' configurations as found in the archive, by the top of their chain.
    private(set) var configurations: [V1ImageID: [UInt8]] = [:]
    /// The images that represent a configuration without layers.
    private(set) var layerless: Set<V1ImageID> = []
    /// The tags whose image cannot be read.
    private(set) var failures: [FailedTag] = []
    /// Harmless irregularities.
    private(set) var notices: [SourceNotice] = []
    private var nameless: [Nameless] = []
    private var nameCount = 0

    init(_ archive: ArchiveMembers) { self.archive = archive }

    /// Reads the old format: `repositories` lists the tags, `ID/json` and `ID/layer.tar` are the images.
    ///
    /// - Parameter isNaming: Whether to name an untagged image; otherwise they are ignored if any image is tagged.
    mutating func readRepositories(isNaming: Bool) async throws {
        var documents: [V1ImageID: TarIndex.Member] = [:]
        for path in archive.members.keys {
            let parts = path.split(separator: "/")
            guard parts.count == 2, let id = try? V1ImageID(parsing: parts[0]) else { continue }
            switch parts[1] {
            case "json": documents[id] = archive.member(at: path)
            case "layer.tar": files[V1Layout.layer(id)] = archive.layer(at: path, diffID: nil)
            default: continue
            }
        }
        for (id, document) in documents { files[V1Layout.json(id)] = archive.content(of: document) }
        var named: Set<String> = []
        for repository in try await archive.document("repositories").object ?? [] {
            for tag in repository.value.object ?? [] {
                let reference = "\(repository.key):\(tag.key)"
                nameCount += 1
                guard let id = tag.value.string else {
                    fail(reference, .noImage)
                    continue
                }
                named.insert(id)
                name(Array(id.utf8), reference)
            }
        }
        guard isNaming || nameCount == 0 else { return }
        var tops = Set(documents.keys)
        for document in documents.values {
            if let parent = try await parent(in: document) { tops.remove(parent) }
        }
        for id in tops.sorted() where !named.contains(id.description) {
            nameless.append(Nameless(subject: "image \(id)", image: .success(id)))
        }
    }

    /// The parent named by an image's JSON; nil for damaged JSON, which is reported when the image is needed.
    private func parent(in document: TarIndex.Member) async throws -> V1ImageID? {
        do { return try V1Image(parsing: try await archive.bytes(of: document)).parent } catch let error as StorageError
        {
            throw error
        } catch { return nil }
    }

    /// Reads the new format: `manifest.json` lists tags, configuration and layers of each image, with keys of any case.
    mutating func readManifest() async throws {
        guard let images = try await archive.document("manifest.json").array else { throw ArchiveFault.noList }
        for (index, image) in images.enumerated() {
            let references = (image.goField("RepoTags")?.array ?? []).compactMap(\.string)
            nameCount += references.count
            let top: Result<V1ImageID, ArchiveFault>
            do { top = .success(try await chain(of: image)) } catch let fault as ArchiveFault { top = .failure(fault) }
            if references.isEmpty {
                nameless.append(Nameless(subject: "image \(index + 1) of manifest.json", image: top))
            }
            for reference in references { name(top, reference) }
        }
    }

    /// Names the only untagged image, or adds a notice for each untagged image.
    ///
    /// - Throws: ``ArchiveFault`` when several images are untagged, or when nothing in the archive is tagged.
    mutating func nameRest(_ name: ArchiveName?) throws(ArchiveFault) {
        if let name {
            guard nameless.count == 1 else { throw .notOneNameless(count: nameless.count) }
            return self.name(nameless[0].image, name.description)
        }
        guard nameCount > 0 else { throw nameless.isEmpty ? .empty : .nameless(count: nameless.count) }
        for image in nameless {
            notices.append(SourceNotice(subject: image.subject, text: "untagged; skipped"))
        }
    }

    /// Adds images for the layers of an entry, and returns the id of the topmost.
    ///
    /// - Throws: ``ArchiveFault``.
    private mutating func chain(of image: JSONValue) async throws -> V1ImageID {
        let path = image.goField("Config")?.string
        guard let path, let member = archive.member(at: path) else { throw ArchiveFault.noConfiguration(path: path) }
        let paths: [String]
        switch image.goField("Layers") {
        case nil, .null: paths = []
        case .array(let layers):
            paths = layers.compactMap(\.string)
            guard paths.count == layers.count else { throw ArchiveFault.noLayers }
        default: throw ArchiveFault.noLayers
        }
        let configuration = try await archive.bytes(of: member)
        if let named = Self.digest(named: path), Digest(.sha256, of: configuration) != named {
            throw ArchiveFault.wrongConfiguration(expected: named)
        }
        let top = try chain(paths, configuration)
        configurations[top] = configuration
        return top
    }

    /// The digest in the path of a configuration: `HEX.json`, `blobs/sha256/HEX`.
    private static func digest(named path: String) -> Digest? {
        guard let name = path.split(separator: "/").last?.split(separator: ".").first else { return nil }
        return try? Digest(parsing: "sha256:\(name)")
    }

    /// Adds an image for each layer, base first, and returns the id of the topmost.
    ///
    /// The ids are hashes of the layers below and, for the top, of the configuration: equal images have equal ids. An
    /// image without layers is represented by one with the empty layer.
    private mutating func chain(_ layers: [String], _ configuration: [UInt8]) throws -> V1ImageID {
        guard !layers.isEmpty else {
            let id = try V1ImageID(parsing: Digest(.sha256, of: Array("no layer ".utf8) + configuration).hex)
            layerless.insert(id)
            add(id, on: nil, layer: .bytes(EmptyLayer.bytes))
            return id
        }
        let diffIDs = ArchiveSource.diffIDs(of: configuration) ?? []
        var top: V1ImageID?
        for (index, path) in layers.enumerated() {
            var seed = Array("\(top?.description ?? "") \(path)".utf8)
            if index == layers.count - 1 { seed += configuration }
            let id = try V1ImageID(parsing: Digest(.sha256, of: seed).hex)
            let diffID = index < diffIDs.count ? diffIDs[index] : nil
            add(id, on: top, layer: archive.layer(at: path, diffID: diffID))
            top = id
        }
        guard let top else { throw ArchiveFault.noLayers }
        return top
    }

    private mutating func add(_ id: V1ImageID, on parent: V1ImageID?, layer: ArchiveTree.Content?) {
        let parent = parent.map { ",\"parent\":\"\($0)\"" } ?? ""
        files[V1Layout.json(id)] = .bytes(Array("{\"id\":\"\(id)\"\(parent)}".utf8))
        files[V1Layout.layer(id)] = layer
    }

    private mutating func name(_ image: Result<V1ImageID, ArchiveFault>, _ reference: String) {
        switch image {
        case .success(let id): name(Array(id.description.utf8), reference)
        case .failure(let fault): fail(reference, fault)
        }
    }

    /// Points a tag to an image.
    private mutating func name(_ image: [UInt8], _ reference: String) {
        do throws(ArchiveFault) {
            let name = try ArchiveName(reference)
            guard let key = V1Layout.tag(name.tag, in: name.repository) else { throw ArchiveFault.noTag }
            if case .bytes(let other) = files[key], other != image { throw ArchiveFault.taken(name: name.repository) }
            files[key] = .bytes(image)
        } catch {
            fail(reference, error)
        }
    }

    private mutating func fail(_ reference: String, _ fault: ArchiveFault) {
        let colon = reference.lastIndex(of: ":") ?? reference.endIndex
        let tag = String(reference[colon...].dropFirst())
        failures.append(FailedTag(String(reference[..<colon]), tag, reason: "\(fault)"))
    }
}
