package import ImageModel
package import RegistryCore

/// What repositories are called at the destination.
package struct NameMapping: Sendable, Hashable {
    /// What becomes of v1's namespace `library`.
    package enum Library: String, Sendable, CaseIterable {
        /// `library/centos` becomes `library/centos`.
        case keep
        /// `library/centos` becomes `centos`.
        case strip
    }

    /// One prefix and what takes its place: whole path components.
    package struct Rename: Sendable, Hashable {
        package let old: String
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

        /// `name` with the new prefix, or nil when it has not the old one.
        func applied(to name: String) -> String? {
            if name == old { return new }
            guard name.hasPrefix(old + "/") else { return nil }
            let rest = name.dropFirst(old.count + 1)
            return new.isEmpty ? String(rest) : "\(new)/\(rest)"
        }
    }

    package var library: Library
    /// Tried in order; the first that fits is applied, and no other.
    package var renames: [Rename]

    package init(library: Library = .strip, renames: [Rename] = []) {
        self.library = library
        self.renames = renames
    }

    /// The name in v2.
    ///
    /// - Throws: ``MalformedRepositoryName`` when v2's grammar has no such name.
    package func name(of repository: V1RepositoryName) throws(MalformedRepositoryName) -> RepositoryName {
        let plain = plainName(of: repository)
        // A rename may speak of `library/centos` also where `library/` is left out.
        if let rename = renameIndex(for: repository).map({ renames[$0] }),
            let name = rename.applied(to: plain) ?? rename.applied(to: repository.description)
        {
            return try RepositoryName(parsing: name)
        }
        return try RepositoryName(parsing: plain)
    }

    /// Which rename decides about a repository; nil when none fits.
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

    /// What a repository that has its name in v2 is called: what the first rename that fits makes of it.
    ///
    /// - Throws: ``MalformedRepositoryName`` when v2's grammar has no such name.
    func renamed(_ name: RepositoryName) throws(MalformedRepositoryName) -> RepositoryName {
        for rename in renames {
            if let text = rename.applied(to: name.description) { return try RepositoryName(parsing: text) }
        }
        return name
    }
}

/// A text that is not `old=new`.
package struct MalformedRename: Error, Equatable, CustomStringConvertible {
    /// What was given.
    package let text: String

    package var description: String { "'\(text)' is not of the form OLD=NEW" }
}
