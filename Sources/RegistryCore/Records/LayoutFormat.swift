import NIOCore
package import Storage

/// The version of the layout below `longshore/`, stored in `longshore/format`.
///
/// Version 0.1.0 wrote no such file: a directory without one is accepted, and gets one when it is first written to.
package enum LayoutFormat {
    /// The version this program writes, and the newest it reads.
    package static let current = 1

    /// More digits than any version has.
    private static let byteLimit = 64

    /// Checks that the directory has a supported version.
    ///
    /// - Throws: ``UnknownLayoutFormat`` for a newer version, and for a malformed file.
    package static func check(_ storage: any ObjectStorage) async throws { _ = try await version(of: storage) }

    /// Checks that the directory has a supported version, and upgrades it to the current one.
    ///
    /// - Throws: Like ``check(_:)``.
    package static func upgrade(_ storage: any ObjectStorage) async throws {
        if try await version(of: storage) == current { return }
        // The layout of 0.1.0 equals version 1: only the file itself has to be added.
        try await storage.write(ByteBuffer(string: "\(current)\n"), to: OwnLayout.format)
    }

    /// The version of the directory; nil if there is no version file.
    private static func version(of storage: any ObjectStorage) async throws -> Int? {
        guard let bytes = try await storage.read(OwnLayout.format, limit: byteLimit) else { return nil }
        let text = String(buffer: bytes)
        let line = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        guard let version = Int(line), version > 0 else { throw UnknownLayoutFormat.malformed(text) }
        guard version <= current else { throw UnknownLayoutFormat.newer(version) }
        return version
    }
}

/// The error for a directory with an unknown format.
package enum UnknownLayoutFormat: Error, Equatable, CustomStringConvertible {
    /// It was written by a newer program.
    case newer(Int)
    /// The file does not contain a version.
    case malformed(String)

    package var description: String {
        switch self {
        case .newer(let version):
            "the directory has format \(version), written by a newer version of longshore; "
                + "this version supports formats up to \(LayoutFormat.current): install the newer version"
        case .malformed(let text):
            "\(OwnLayout.format) should contain a format version, not '\(text.prefix(32))': "
                + "install the newest version of longshore, or remove the file if you wrote it yourself"
        }
    }
}

/// Which registry first wrote a directory, as far as its files show.
package enum DirectoryHistory: Equatable, Sendable {
    /// docker-registry, or a v1 client has pushed: there is a `repositories/`.
    case dockerRegistry
    /// Longshore: the directory was empty at first.
    case longshore
    /// registry:2: it has the v2 layout, no `repositories/`, and no record of having been empty.
    case distribution

    /// Determines the history of a directory. If it is empty, records that for later starts.
    ///
    /// The record is written before anything else. A directory that has lost it counts as registry:2's.
    ///
    /// - Parameter isReadOnly: Whether the record cannot be written.
    package static func read(in storage: any ObjectStorage, isReadOnly: Bool) async throws -> DirectoryHistory {
        if try await storage.attributes(of: V1Layout.repositories) != nil { return .dockerRegistry }
        if try await storage.attributes(of: OwnLayout.emptyAtFirst) != nil { return .longshore }
        if try await storage.attributes(of: ObjectKey.root.appending("docker")) != nil { return .distribution }
        if !isReadOnly { try await storage.write(ByteBuffer(), to: OwnLayout.emptyAtFirst) }
        return .longshore
    }
}
