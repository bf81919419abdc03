package import ImageModel
package import RegistryCore
import Storage

/// What there is to convert in a v1 tree: read before anything is written.
///
/// No layer is read for it, and no JSON is kept: it holds some words for each image.
package struct TreeSurvey: Sendable {
    /// An image that a tag needs, and what reading it will take.
    package struct Image: Sendable {
        /// Its parent, if it has one.
        package let parent: V1ImageID?
        /// The size of its layer.
        package let byteCount: Int64
        /// When its layer was last written to, in nanoseconds since 1970.
        package let modified: Int64
        /// Whether a push of it never ended.
        package let isInProgress: Bool
        /// Whether it was imported before, so that nothing need be read.
        package let isKnown: Bool
    }

    /// How many repositories there are.
    package private(set) var repositoryCount = 0
    /// The tags that can be converted, by name.
    package private(set) var tags: [SurveyedTag] = []
    /// The tags that cannot, and why.
    package private(set) var failures: [FailedTag] = []
    /// What is out of order and does no harm.
    package private(set) var notices: [SourceNotice] = []
    /// The images that the convertible tags need.
    package private(set) var images: [V1ImageID: Image] = [:]

    private var outcomes: [V1ImageID: Result<Image, DamagedImage>] = [:]
    private var sound: Set<V1ImageID> = []

    /// Reads the names, tags and JSON of a tree.
    ///
    /// - Parameter importer: Knows which layers were imported before.
    package init(of tree: V1Tree, importer: LayerImporter) async throws {
        for legacyName in try await tree.repositories() {
            repositoryCount += 1
            try await survey(legacyName, tree, importer)
        }
        try await surveyOddities(tree)
    }

    private mutating func survey(_ legacyName: V1RepositoryName, _ tree: V1Tree, _ importer: LayerImporter) async throws
    {
        let tagNames = try await tree.tagNames(in: legacyName)
        notices += RepositoryOddities.notices(
            repository: legacyName,
            entries: try await tree.entries(in: legacyName),
            tags: tagNames,
            isIndexAList: try await isIndexAList(legacyName, tree)
        )
        for tagName in tagNames {
            do {
                let tag = try await convertibleTag(tagName, in: legacyName, tree)
                try await requireChain(of: tag.image, tree, importer)
                tags.append(tag)
            } catch {
                failures.append(FailedTag(legacyName, tagName, error))
            }
        }
    }

    private mutating func isIndexAList(_ legacyName: V1RepositoryName, _ tree: V1Tree) async throws -> Bool? {
        do {
            return try await tree.isIndexAList(legacyName)
        } catch let failure as StorageError {
            notices.append(SourceNotice(subject: "repository \(legacyName)", text: "\(failure); it is not needed"))
            return nil
        }
    }

    private func convertibleTag(_ tagName: String, in legacyName: V1RepositoryName, _ tree: V1Tree) async throws
        -> SurveyedTag
    {
        let name = try legacyName.v2Name
        let tag = try Tag(parsing: tagName)
        guard let file = try await tree.tag(tagName, in: legacyName) else { throw UnreadableTag.gone }
        guard let image = file.image else { throw UnreadableTag(content: file.content) }
        return SurveyedTag(legacyName: legacyName, name: name, tag: tag, image: image)
    }

    /// Looks at an image and all its ancestors, each once however many tags need it.
    private mutating func requireChain(of top: V1ImageID, _ tree: V1Tree, _ importer: LayerImporter) async throws {
        var chain: [V1ImageID] = []
        var next: V1ImageID? = top
        while let id = next {
            guard !chain.contains(id) else { throw DamagedImage(id, .cycle) }
            guard chain.count < V1Chain.lengthLimit else {
                throw DamagedImage(top, .tooManyAncestors(limit: V1Chain.lengthLimit))
            }
            chain.append(id)
            next = try await image(id, tree, importer).parent
        }
        for (index, id) in chain.enumerated() where !sound.contains(id) {
            if let notice = try await tree.checkAncestry(of: id, against: chain[index...]) {
                notices.append(SourceNotice(subject: "image \(id)", text: notice.description))
            }
            sound.insert(id)
        }
        for id in chain where images[id] == nil { images[id] = try outcomes[id]?.get() }
    }

    private mutating func image(_ id: V1ImageID, _ tree: V1Tree, _ importer: LayerImporter) async throws -> Image {
        if let outcome = outcomes[id] { return try outcome.get() }
        do {
            let image = try await Self.look(at: id, tree, importer)
            outcomes[id] = .success(image)
            return image
        } catch let damage as DamagedImage {
            outcomes[id] = .failure(damage)
            throw damage
        }
    }

    private static func look(at id: V1ImageID, _ tree: V1Tree, _ importer: LayerImporter) async throws -> Image {
        let image = try await tree.image(id)
        guard let layer = try await tree.layerAttributes(id) else { throw DamagedImage(id, .noLayer) }
        return Image(
            parent: image.parent,
            byteCount: layer.byteCount,
            modified: layer.modified,
            isInProgress: try await tree.isInProgress(id),
            isKnown: try await importer.known(image) != nil
        )
    }

    private mutating func surveyOddities(_ tree: V1Tree) async throws {
        for entry in try await tree.storage.list(V1Layout.repositories) {
            let subject = "repositories/\(entry.name)"
            if !entry.isDirectory {
                notices.append(SourceNotice(subject: subject, text: "a file where a namespace is expected; left alone"))
            } else if try await tree.storage.list(V1Layout.repositories.appending(entry.name), after: nil, limit: 1)
                .isEmpty
            {
                notices.append(SourceNotice(subject: subject, text: "a namespace without repositories"))
            }
        }
        var untagged = 0
        for entry in try await tree.storage.list(V1Layout.images) where entry.isDirectory {
            guard let id = try? V1ImageID(parsing: entry.name), outcomes[id] == nil else { continue }
            if try await tree.storage.list(V1Layout.image(id), after: nil, limit: 1).isEmpty {
                notices.append(
                    SourceNotice(subject: "image \(id)", text: "its directory is empty, and no tag needs it")
                )
            } else {
                untagged += 1
            }
        }
        if untagged > 0 {
            notices.append(SourceNotice(subject: "images", text: "\(untagged) images that no tag needs are left alone"))
        }
    }
}

/// Why a tag's file names no image.
enum UnreadableTag: Error, Equatable, CustomStringConvertible {
    /// It went while the tree was read.
    case gone
    /// It has no bytes.
    case empty
    /// It holds something else.
    case notAnID(shown: String)

    init(content: [UInt8]) {
        let shown = String(decoding: content.prefix(80), as: UTF8.self).debugDescription
        self = content.isEmpty ? .empty : .notAnID(shown: shown)
    }

    var description: String {
        switch self {
        case .gone: "the tag went away while the tree was read"
        case .empty: "the tag's file is empty"
        case .notAnID(let shown): "the tag's file does not hold an image id alone, but \(shown)"
        }
    }
}

extension FailedTag {
    init(_ repository: V1RepositoryName, _ tag: String, _ error: any Error) {
        let damage = error as? DamagedImage
        let reason =
            switch error {
            case let error as MalformedRepositoryName: "\(error) in v2"
            case let error as MalformedTag: "\(error) in v2"
            default: "\(error)"
            }
        self.init(repository: repository.description, tag: tag, reason: reason, image: damage?.image)
    }
}
