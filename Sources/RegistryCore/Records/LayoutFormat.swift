import NIOCore
package import Storage

/// The version of what stands below `longshore/`, which the file `longshore/format` tells.
///
/// Version 0.1.0 wrote no such file: a directory without one is served, and gets one when it is first written to.
package enum LayoutFormat {
    /// The version that this program writes, and the newest that it reads.
    package static let current = 1

    /// More digits than any version has.
    private static let byteLimit = 64

    /// Makes sure that the directory is of a version that this program knows.
    ///
    /// - Throws: ``UnknownLayoutFormat`` for a newer one, and for a file that holds no version.
    package static func check(_ storage: any ObjectStorage) async throws { _ = try await version(of: storage) }

    /// Makes sure that the directory is of a version that this program knows, and makes it the current one.
    ///
    /// - Throws: What ``check(_:)`` throws.
    package static func upgrade(_ storage: any ObjectStorage) async throws {
        if try await version(of: storage) == current { return }
        // The layout of 0.1.0 is that of version 1: there is nothing to be changed but the file itself.
        try await storage.write(ByteBuffer(string: "\(current)\n"), to: OwnLayout.format)
    }

    /// The version of the directory; nil where no file tells it.
    private static func version(of storage: any ObjectStorage) async throws -> Int? {
        guard let bytes = try await storage.read(OwnLayout.format, limit: byteLimit) else { return nil }
        let text = String(buffer: bytes)
        let line = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        guard let version = Int(line), version > 0 else { throw UnknownLayoutFormat.malformed(text) }
        guard version <= current else { throw UnknownLayoutFormat.newer(version) }
        return version
    }
}

/// Why a directory is not opened whose format this program does not know.
package enum UnknownLayoutFormat: Error, Equatable, CustomStringConvertible {
    /// A newer program wrote it.
    case newer(Int)
    /// The file does not hold a version.
    case malformed(String)

    package var description: String {
        switch self {
        case .newer(let version):
            "the directory has format \(version), written by a newer version of longshore; "
                + "this version knows formats up to \(LayoutFormat.current): install the newer version"
        case .malformed(let text):
            "\(OwnLayout.format) does not hold the version of a format but '\(text.prefix(32))': "
                + "install the newest version of longshore, or remove the file if you wrote it yourself"
        }
    }
}

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
