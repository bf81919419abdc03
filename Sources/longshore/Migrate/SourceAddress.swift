import Foundation
import Glibc
import Migration
import NIOPosix
import RegistryClient
import RegistryCore
import Storage

/// What the operator named as the source of a migration.
enum SourceAddress: CustomStringConvertible {
    case directory(String)
    /// A v2 registry's directory, of which the schema1 images are meant.
    case schema1(String)
    /// An archive of `docker save`, and what the image in it is called that has no name.
    case archive(String, name: ArchiveName?)
    case registry(RegistryAddress)

    /// - Parameter name: What the image of an archive is called that has no name.
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

    /// As it is shown: without a password.
    var description: String {
        switch self {
        case .directory(let path), .schema1(let path), .archive(let path, _): path
        case .registry(let address): address.description
        }
    }

    /// As a report shows it: a directory or file by its whole path.
    var absolute: String {
        switch self {
        case .directory(let path), .schema1(let path), .archive(let path, _): AbsolutePath.of(path)
        case .registry(let address): address.description
        }
    }

    /// The directory that it is, if it is one.
    var directory: String? {
        switch self {
        case .directory(let path), .schema1(let path): path
        case .archive, .registry: nil
        }
    }

    /// Looks whether it is what it should be, before anything is written.
    func check() async throws {
        switch self {
        case .directory(let path): _ = try await Self.openTree(path)
        case .schema1(let path): _ = try await Self.openModernTree(path)
        case .archive(let path, let name): _ = try await Self.openArchive(path, name)
        case .registry: break
        }
    }

    /// Opens it.
    ///
    /// - Parameters:
    ///   - inPlace: The storage of the destination, when it is the same directory.
    ///   - workspace: Where layers that are fetched may be kept meanwhile.
    ///   - namesFile: The file that lists the repositories of a registry that cannot list them.
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

/// A name is given for the image of an archive, and the source is none.
struct NameWithoutArchive: Error, CustomStringConvertible {
    let name: ArchiveName
    var description: String { "--name \(name) is for an archive of 'docker save', which SOURCE is not" }
}

/// The source is a directory, but not one that docker-registry wrote.
struct NotATree: Error, CustomStringConvertible {
    let path: String
    let missing: String
    /// Whether it is a v2 registry's.
    let isModern: Bool

    var description: String {
        "\(path) is not the storage of a docker-registry: it has no directory '\(missing)'"
            + (isModern ? ", but it is that of a v2 registry, whose schema1 images --upgrade-schema1 converts" : "")
    }
}

/// The source is a directory, but not a v2 registry's.
struct NotAModernTree: Error, CustomStringConvertible {
    let path: String
    var description: String {
        "\(path) is not the storage of a v2 registry: it has no directory '\(V2Layout.repositories)'"
    }
}

/// The name of this machine, as it calls itself: no name server is asked.
enum HostName {
    static var current: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
