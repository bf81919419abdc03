package import ImageModel
package import RegistryCore

/// The mapping of repository names from the source to the destination.
package struct NameMapping: Sendable, Hashable {
    /// How v1's namespace `library` is mapped.
    package enum Library: String, Sendable, CaseIterable {
        /// `library/centos` becomes `library/centos`.
        case keep
        /// `library/centos` becomes `centos`.
        case strip
    }

    /// A prefix of whole path components and its replacement.
    package struct Rename: Sendable, Hashable {
        /// The prefix to replace, without a slash at its end.
        package let old: String
        /// The replacement, without a slash at its end; empty to remove the prefix.
        package let new: String

        /// Parses `old=new`.
        ///
        /// - Throws: ``MalformedRename``.
        package init(parsing text: String) throws(MalformedRename) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { throw MalformedRename(text: text) }
            self.old = Self.trimmed(parts[0])
            self.new = Self.trimmed(parts[1])
        }

        private static func trimmed(_ text: Substring) -> String {
            String(text.hasSuffix("/") ? text.dropLast() : text)
        }

        /// `name` with the new prefix, or nil if it does not have the old one.
        func applied(to name: String) -> String? {
            if name == old { return new }
            guard name.hasPrefix(old + "/") else { return nil }
            let rest = name.dropFirst(old.count + 1)
            return new.isEmpty ? String(rest) : "\(new)/\(rest)"
        }
    }

    /// How the namespace `library` is mapped.
    package var library: Library
    /// The renames, tried in order; only the first match is applied.
    package var renames: [Rename]

    package init(library: Library = .strip, renames: [Rename] = []) {
        self.library = library
        self.renames = renames
    }

    /// The name in v2.
    ///
    /// - Throws: ``MalformedRepositoryName`` when the name is invalid in v2.
    package func name(of repository: V1RepositoryName) throws(MalformedRepositoryName) -> RepositoryName {
        let plain = plainName(of: repository)
        // A rename may name `library/centos` even though `library/` is stripped.
        if let rename = renameIndex(for: repository).map({ renames[$0] }),
            let name = rename.applied(to: plain) ?? rename.applied(to: repository.description)
        {
            return try RepositoryName(parsing: name)
        }
        return try RepositoryName(parsing: plain)
    }

    /// The index of the rename that applies to a repository; nil when none does.
    func renameIndex(for repository: V1RepositoryName) -> Int? {
        renames.firstIndex { rename in
            (rename.applied(to: plainName(of: repository)) ?? rename.applied(to: repository.description)) != nil
        }
    }

    private func plainName(of repository: V1RepositoryName) -> String {
        let isInLibrary = repository.namespace == V1RepositoryName.libraryNamespace
        let isStripped = library == .strip && isInLibrary && !repository.repository.contains("/")
        return isStripped ? repository.repository : repository.description
    }

    /// Renames a repository whose name is already a v2 name, by the first rename that matches.
    ///
    /// - Throws: ``MalformedRepositoryName`` when the name is invalid in v2.
    func renamed(_ name: RepositoryName) throws(MalformedRepositoryName) -> RepositoryName {
        for rename in renames {
            if let text = rename.applied(to: name.description) { return try RepositoryName(parsing: text) }
        }
        return name
    }
}

/// Text that is not of the form `old=new`.
package struct MalformedRename: Error, Equatable, CustomStringConvertible {
    /// The malformed text.
    package let text: String

    package var description: String { "'\(text)' is not of the form OLD=NEW" }
}
