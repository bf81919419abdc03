import ImageModel
package import RegistryCore

/// The name of an image in an archive: `centos:6`, or `HOST:PORT/team/app:1`, of which the registry host is dropped.
package struct ArchiveName: Sendable, CustomStringConvertible {
    /// The repository, without a registry host.
    package let repository: V1RepositoryName
    /// The tag.
    package let tag: String
    /// The name as written.
    package let description: String

    /// Parses a name found in an archive. It may be invalid in v2.
    ///
    /// - Throws: ``ArchiveFault/noTag`` unless it is of the form `REPOSITORY:TAG`.
    init(_ text: String) throws(ArchiveFault) {
        guard let colon = text.lastIndex(of: ":"), case let tag = text[text.index(after: colon)...], !tag.isEmpty,
            !tag.contains("/")
        else { throw .noTag }
        var repository = text[..<colon]
        // Docker's reference grammar, `splitDockerDomain`: anything else before a slash is a namespace.
        if let slash = repository.firstIndex(of: "/"), case let first = repository[..<slash],
            first == "localhost" || first.contains(where: { $0 == "." || $0 == ":" })
        {
            repository = repository[repository.index(after: slash)...]
        }
        guard !repository.isEmpty else { throw .noTag }
        let parts = repository.split(separator: "/", maxSplits: 1).map(String.init)
        self.repository = V1RepositoryName(
            namespace: parts.count == 2 ? parts[0] : V1RepositoryName.libraryNamespace,
            repository: parts.last ?? ""
        )
        self.tag = String(tag)
        self.description = text
    }

    /// Parses a name that an operator gives to an untagged image.
    ///
    /// - Throws: ``MalformedArchiveName`` also for a name that is invalid in v2.
    package init(parsing text: String) throws(MalformedArchiveName) {
        do {
            try self.init(text)
            _ = try repository.v2Name
            _ = try Tag(parsing: tag)
        } catch { throw MalformedArchiveName(text: text) }
    }
}

/// Text that is not an image name with a tag.
package struct MalformedArchiveName: Error, Equatable, CustomStringConvertible {
    /// The malformed text.
    package let text: String

    package var description: String { "'\(text)' is not of the form REPOSITORY:TAG" }
}
