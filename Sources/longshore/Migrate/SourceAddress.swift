import Foundation
import Glibc
import Migration
import NIOPosix
import RegistryClient
import RegistryCore
import Storage

/// The source of a migration, as named by the operator.
enum SourceAddress: CustomStringConvertible {
    case directory(String)
    /// A v2 registry's directory whose schema1 images are to be converted.
    case schema1(String)
    /// An archive written by `docker save`, and a name for its unnamed image.
    case archive(String, name: ArchiveName?)
    case registry(RegistryAddress)

    /// - Parameter name: The name for an archive's unnamed image.
    /// - Throws: `MalformedRegistryAddress`; ``NameWithoutArchive``.
    init(_ text: String, upgradesSchema1: Bool, name: ArchiveName? = nil) throws {
        if upgradesSchema1 {
            try MistakenAddress.refuse(text)
            self = .schema1(text)
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            let variable = "LONGSHORE_SOURCE_PASSWORD"
            let password = ProcessInfo.processInfo.environment[variable]
            self = .registry(try RegistryAddress(parsing: text, password: password, passwordVariable: variable))
        } else {
            var isDirectory: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: text, isDirectory: &isDirectory)
            try MistakenAddress.refuse(text)
            self = isThere && !isDirectory.boolValue ? .archive(text, name: name) : .directory(text)
        }
        if let name {
            guard case .archive = self else { throw NameWithoutArchive(name: name) }
        }
    }

    /// The name to print, without a password.
    var description: String {
        switch self {
        case .directory(let path), .schema1(let path), .archive(let path, _): path
        case .registry(let address): address.description
        }
    }

    /// The name in reports: a directory or file by its absolute path.
    var absolute: String {
        switch self {
        case .directory(let path), .schema1(let path), .archive(let path, _): AbsolutePath.of(path)
        case .registry(let address): address.description
        }
    }

    /// The path, when the source is a directory.
    var directory: String? {
        switch self {
        case .directory(let path), .schema1(let path): path
        case .archive, .registry: nil
        }
    }

    /// Checks that the source is what it should be, before anything is written.
    func check() async throws {
        switch self {
        case .directory(let path): _ = try await Self.openTree(path)
        case .schema1(let path): _ = try await Self.openModernTree(path)
        case .archive(let path, let name): _ = try await Self.openArchive(path, name)
        case .registry: break
        }
    }

    /// Opens the source.
    ///
    /// - Parameters:
    ///   - inPlace: The destination's storage, when source and destination are the same directory.
    ///   - workspace: The storage for fetched layers in transit.
    ///   - namesFile: A file that lists the repositories of a registry without search.
    func open(
        inPlace: (any ObjectStorage)?,
        workspace: any FileStorage,
        transport: RegistryTransport,
        namesFile: String?
    ) async throws -> any MigrationSource {
        switch self {
        case .directory(let path):
            let tree = try await Self.openTree(path)
            return DirectorySource(inPlace ?? tree, identity: Self.identity(path))
        case .schema1(let path):
            let tree = try await Self.openModernTree(path)
            return try await Schema1Source(inPlace ?? tree, identity: Self.identity(path))
        case .archive(let path, let name):
            return try await Self.openArchive(path, name)
        case .registry(let address):
            let names = try namesFile.map { path in
                String(decoding: try LocalFile.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
            }
            return try await RegistrySource(address, transport, names: names, workspace: workspace)
        }
    }

    private static func identity(_ path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    }

    private static func openModernTree(_ path: String) async throws -> FileSystemStorage {
        let tree = try await FileSystemStorage.open(root: path, access: .readOnly, threadPool: .singleton)
        guard try await tree.attributes(of: V2Layout.repositories)?.kind == .directory else {
            throw NotAModernTree(path: path)
        }
        return tree
    }

    private static func openTree(_ path: String) async throws -> FileSystemStorage {
        let tree = try await FileSystemStorage.open(root: path, access: .readOnly, threadPool: .singleton)
        for key in [V1Layout.images, V1Layout.repositories] {
            guard try await tree.attributes(of: key)?.kind == .directory else {
                let isModern = try await tree.attributes(of: V2Layout.repositories)?.kind == .directory
                throw NotATree(path: path, missing: key.description, isModern: isModern)
            }
        }
        return tree
    }

    private static func openArchive(_ path: String, _ name: ArchiveName?) async throws -> ArchiveSource {
        let url = URL(filePath: path).resolvingSymlinksInPath()
        let folder = url.deletingLastPathComponent().path(percentEncoded: false)
        let storage = try await FileSystemStorage.open(root: folder, access: .readOnly, threadPool: .singleton)
        let key = try ObjectKey(validating: url.lastPathComponent)
        guard let reader = try await storage.open(key) else { throw StorageError.absent(key) }
        return try await ArchiveSource(reader, identity: url.path(percentEncoded: false), name: name)
    }
}

/// `--name` was given, and the source is not an archive.
struct NameWithoutArchive: Error, CustomStringConvertible {
    let name: ArchiveName
    var description: String { "--name \(name) applies only when SOURCE is a 'docker save' archive" }
}

/// The source is a directory, but docker-registry did not write it.
struct NotATree: Error, CustomStringConvertible {
    let path: String
    let missing: String
    /// Whether it is a v2 registry's directory.
    let isModern: Bool

    var description: String {
        "\(path) is not a docker-registry directory: '\(missing)' is missing"
            + (isModern ? "; it belongs to a v2 registry: to convert its schema1 images, use --upgrade-schema1" : "")
    }
}

/// The source is a directory, but not a v2 registry's.
struct NotAModernTree: Error, CustomStringConvertible {
    let path: String
    var description: String {
        "\(path) is not a v2 registry's directory: '\(V2Layout.repositories)' is missing"
    }
}

/// The host name of this machine, without asking a name server.
enum HostName {
    static var current: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
