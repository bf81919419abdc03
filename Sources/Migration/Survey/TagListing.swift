import RegistryCore
import Storage

/// The tags of a repository, and the files that should be tags and have a name that is none.
struct TagListing {
    /// All that stands in the repository's directory.
    let entries: [ObjectEntry]
    /// By name.
    let tags: [String]
    /// What cannot be told the tag of, and why.
    let failures: [FailedTag]

    /// Lists a repository.
    init(of name: V1RepositoryName, in tree: V1Tree) async throws {
        let entries = try await tree.entries(in: name)
        let files = Set(entries.filter { !$0.isDirectory }.map(\.name))
        self.entries = entries
        // Of two files that read as one tag, only the one that is written as docker-registry does is the tag.
        self.tags = Set(try await tree.tagNames(in: name)).sorted().filter { tag in
            V1Layout.tag(tag, in: name).map { files.contains($0.name) } ?? false
        }
        let strays = files.filter { file in
            guard file.hasPrefix(V1Layout.tagPrefix), file != V1Layout.tagPrefix else { return false }
            return V1Layout.tagName(file).flatMap { V1Layout.tag($0, in: name) }?.name != file
        }
        self.failures = strays.sorted().map { file in
            FailedTag(
                name.description,
                String(file.dropFirst(V1Layout.tagPrefix.count)),
                reason: "its file's name is not how docker-registry writes the name of a tag"
            )
        }
    }
}

/// Why a tag does not get its name: another one, with another image, has it in v2.
struct TakenName: Error, Equatable, CustomStringConvertible {
    /// The name in v2.
    let target: String
    /// The tag of v1 that has it.
    let owner: String

    var description: String {
        "\(owner) becomes \(target) too, and names another image; --library, --map or --exclude keep them apart"
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
