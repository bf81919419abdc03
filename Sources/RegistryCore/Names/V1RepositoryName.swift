package import ImageModel
import NIOCore

/// The name of a repository in the v1 protocol: a namespace and a repository part, both with arbitrary characters.
///
/// A name without a slash is in the namespace `library`; one with several is split at the first.
package struct V1RepositoryName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The part before the first slash.
    package let namespace: String
    /// The part after it, which may contain more slashes.
    package let repository: String

    /// The namespace of names without a slash.
    package static let libraryNamespace = "library"

    package init(namespace: String, repository: String) {
        self.namespace = namespace
        self.repository = repository
    }

    /// The name stored in two directories of a tree; nil if its bytes are not text.
    ///
    /// docker-registry quotes the part after the first slash twice: `a/b/c` is `a/b%252Fc` on disk.
    package init?(namespaceComponent: String, repositoryComponent: String) {
        guard let namespace = PathQuoting.unquoted(namespaceComponent),
            let once = PathQuoting.unquoted(repositoryComponent), let repository = PathQuoting.unquoted(once)
        else { return nil }
        self.init(namespace: namespace, repository: repository)
        guard self.namespaceComponent == namespaceComponent, self.repositoryComponent == repositoryComponent else {
            return nil
        }
    }

    /// The name of the namespace's directory.
    package var namespaceComponent: String { PathQuoting.quoted(namespace) }
    /// The name of the repository's directory in it.
    package var repositoryComponent: String { PathQuoting.quoted(PathQuoting.quoted(repository)) }

    package var description: String { "\(namespace)/\(repository)" }

    /// The name as used in tokens: the part after the first slash is quoted once.
    package var quoted: String { "\(namespace)/\(PathQuoting.quoted(repository))" }

    /// Parses ``quoted``; nil if it is not such a name.
    package init?(quoted text: String) {
        guard let slash = text.firstIndex(of: "/"),
            let repository = PathQuoting.unquoted(String(text[text.index(after: slash)...]))
        else { return nil }
        self.init(namespace: String(text[..<slash]), repository: repository)
    }

    /// The name in the v2 protocol: `library/` is dropped from `library/X`, but not from `library/X/Y`, because `X/Y`
    /// is another repository.
    ///
    /// - Throws: ``MalformedRepositoryName`` if the name is invalid in v2.
    package var v2Name: RepositoryName {
        get throws(MalformedRepositoryName) {
            let isShort = namespace == Self.libraryNamespace && !repository.contains("/")
            return try RepositoryName(parsing: isShort ? repository : description)
        }
    }

    /// The v1 name of a v2 repository.
    ///
    /// Returns nil for `library/X` in v2: `repositories/library/X` refers to v2's `X`.
    package init?(_ name: RepositoryName) {
        guard let slash = name.description.firstIndex(of: "/") else {
            self.init(namespace: Self.libraryNamespace, repository: name.description)
            return
        }
        let namespace = String(name.description[..<slash])
        let repository = String(name.description[name.description.index(after: slash)...])
        guard namespace != Self.libraryNamespace || repository.contains("/") else { return nil }
        self.init(namespace: namespace, repository: repository)
    }

    package static func < (left: V1RepositoryName, right: V1RepositoryName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// A tag in the v1 layout: a file that should contain an image id, but may contain anything.
package struct V1Tag: Hashable, Sendable {
    /// The file's bytes.
    package let content: [UInt8]
    /// When it was written, in nanoseconds since 1970.
    package let modified: Int64

    /// The image the tag points to; nil if the file is not an image id.
    package var image: V1ImageID? { try? V1ImageID(parsing: String(decoding: content, as: UTF8.self)) }

    /// Whether `content` is an image id as docker-registry writes it: anything shorter may be half-written.
    static func isImageID(_ content: ByteBuffer) -> Bool {
        V1Tag(content: Array(buffer: content), modified: 0).image != nil
    }

    /// The content as text; nil if it is not UTF-8.
    package var text: String? { String(validating: content, as: UTF8.self) }
}

/// The two spellings of a repository's name: Docker treats `X` and `library/X` as the same repository.
extension RepositoryName {
    /// The other spelling, which pulls fall back to; nil for a name with only one.
    package var otherSpelling: RepositoryName? {
        let prefix = "\(V1RepositoryName.libraryNamespace)/"
        if description.hasPrefix(prefix) {
            return try? RepositoryName(parsing: String(description.dropFirst(prefix.count)))
        }
        return description.contains("/") ? nil : try? RepositoryName(parsing: prefix + description)
    }
}
