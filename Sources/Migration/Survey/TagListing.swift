import RegistryCore
import Storage

/// The tags of a repository, and the tag files with malformed names.
struct TagListing {
    /// All entries of the repository's directory.
    let entries: [ObjectEntry]
    /// In order of name.
    let tags: [String]
    /// The files that cannot be read as tags, and why.
    let failures: [FailedTag]

    /// Lists a repository.
    init(of name: V1RepositoryName, in tree: V1Tree) async throws {
        let entries = try await tree.entries(in: name)
        let files = Set(entries.filter { !$0.isDirectory }.map(\.name))
        self.entries = entries
        // If two files decode to the same tag, the tag is the one spelled as docker-registry does.
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
                reason: "its file's name is not one that docker-registry writes for a tag"
            )
        }
    }
}

/// Another tag with another image gets the same name in v2.
struct TakenName: Error, Equatable, CustomStringConvertible {
    /// The name in v2.
    let target: String
    /// The v1 tag that has it.
    let owner: String

    var description: String {
        "\(owner) also becomes \(target) and has another image; use --library, --map or --exclude"
    }
}

/// Why a tag's file does not point to an image.
enum UnreadableTag: Error, Equatable, CustomStringConvertible {
    /// It was removed while the tree was read.
    case gone
    /// The file is empty.
    case empty
    /// It contains something other than an image id.
    case notAnID(shown: String)

    init(content: [UInt8]) {
        let shown = String(decoding: content.prefix(80), as: UTF8.self).debugDescription
        self = content.isEmpty ? .empty : .notAnID(shown: shown)
    }

    var description: String {
        switch self {
        case .gone: "the tag was removed while the tree was read"
        case .empty: "the tag's file is empty"
        case .notAnID(let shown): "the tag's file contains \(shown) instead of an image id"
        }
    }
}
