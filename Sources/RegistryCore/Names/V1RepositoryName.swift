package import ImageModel
import NIOCore

/// The name of a repository in the v1 protocol: a namespace and the rest, both of any characters.
///
/// A name without a slash is in the namespace `library`; one with several is split at the first.
package struct V1RepositoryName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The part before the first slash.
    package let namespace: String
    /// The part behind it, which may hold further slashes.
    package let repository: String

    /// The namespace of names that have none.
    package static let libraryNamespace = "library"

    package init(namespace: String, repository: String) {
        self.namespace = namespace
        self.repository = repository
    }

    /// The name that stands in two directories of a tree, or nil when its bytes are not text.
    ///
    /// docker-registry quotes the part behind the first slash twice: `a/b/c` is `a/b%252Fc` on disk.
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

    /// The name as tokens have it: what stands behind the first slash is quoted once.
    package var quoted: String { "\(namespace)/\(PathQuoting.quoted(repository))" }

    /// The name in the v2 protocol: `library/` is left out of `library/X`, and not of `library/X/Y`, since `X/Y` is
    /// another repository.
    ///
    /// - Throws: ``MalformedRepositoryName`` when v2's grammar has no such name.
    package var v2Name: RepositoryName {
        get throws(MalformedRepositoryName) {
            let isShort = namespace == Self.libraryNamespace && !repository.contains("/")
            return try RepositoryName(parsing: isShort ? repository : description)
        }
    }

    /// The names that v1 may have for a repository of v2.
    ///
    /// `library/X` of v2 has none: `repositories/library/X` speaks of v2's `X`.
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

/// A tag of the v1 layout: a file that should hold an image id, and may hold anything.
package struct V1Tag: Hashable, Sendable {
    /// The file's bytes.
    package let content: [UInt8]
    /// When it was written, in nanoseconds since 1970.
    package let modified: Int64

    /// The image that the tag names; nil when the file holds anything but an id.
    package var image: V1ImageID? { try? V1ImageID(parsing: String(decoding: content, as: UTF8.self)) }

    /// Whether bytes are an image's id, as docker-registry writes it: what is shorter may be half-written.
    static func isImageID(_ content: ByteBuffer) -> Bool {
        V1Tag(content: Array(buffer: content), modified: 0).image != nil
    }

    /// The content as text, or nil when it is not UTF-8.
    package var text: String? { String(validating: content, as: UTF8.self) }
}
