import NIOCore
package import Storage

/// Which registry wrote a directory first, as far as its files tell.
package enum DirectoryHistory: Equatable, Sendable {
    /// docker-registry wrote it, or a v1 client has pushed: it has `repositories/`.
    case dockerRegistry
    /// Longshore wrote it first: it was empty then.
    case longshore
    /// registry:2 wrote it: it has the v2 layout, no `repositories/`, and no note that it was empty.
    case distribution

    /// Reads the history of a directory, and notes that it is empty when it is, for later starts.
    ///
    /// The note is written before anything else is. A directory that has lost it counts as registry:2's.
    ///
    /// - Parameter isReadOnly: Whether the note cannot be written.
    package static func read(in storage: any ObjectStorage, isReadOnly: Bool) async throws -> DirectoryHistory {
        if try await storage.attributes(of: V1Layout.repositories) != nil { return .dockerRegistry }
        if try await storage.attributes(of: OwnLayout.emptyAtFirst) != nil { return .longshore }
        if try await storage.attributes(of: ObjectKey.root.appending("docker")) != nil { return .distribution }
        if !isReadOnly { try await storage.write(ByteBuffer(), to: OwnLayout.emptyAtFirst) }
        return .longshore
    }
}
