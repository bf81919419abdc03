import Foundation
import RegistryClient

/// What the operator named as the destination of a migration.
enum DestinationAddress: CustomStringConvertible {
    case directory(String)
    case layout(String)
    case registry(RegistryAddress)

    /// - Throws: `MalformedRegistryAddress`.
    init(_ text: String) throws {
        if text.hasPrefix("oci:") {
            self = .layout(String(text.dropFirst("oci:".count)))
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            let variable = "LONGSHORE_DESTINATION_PASSWORD"
            let password = ProcessInfo.processInfo.environment[variable]
            self = .registry(try RegistryAddress(parsing: text, password: password, passwordVariable: variable))
        } else {
            try MistakenAddress.refuse(text)
            self = .directory(text)
        }
    }

    var isLayout: Bool { if case .layout = self { true } else { false } }

    /// The directory that it is, if it is one.
    var directory: String? {
        switch self {
        case .directory(let path), .layout(let path): path
        case .registry: nil
        }
    }

    /// As a report shows it: a directory by its whole path.
    var absolute: String {
        switch self {
        case .directory(let path): AbsolutePath.of(path)
        case .layout(let path): "oci:\(AbsolutePath.of(path))"
        case .registry(let address): address.description
        }
    }

    /// As it is shown: without a password.
    var description: String {
        switch self {
        case .directory(let path): path
        case .layout(let path): "oci:\(path)"
        case .registry(let address): address.description
        }
    }
}

/// The whole path of what is named by a part of it.
enum AbsolutePath {
    /// - Returns: The path from the root, without a slash at its end.
    static func of(_ path: String) -> String {
        let text = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

/// What was named is an address of some kind, and there is no directory or file of that name.
struct MistakenAddress: Error, CustomStringConvertible {
    let text: String

    var description: String {
        "'\(text)' is no directory: a registry's address begins with http:// or https://; for a local directory write "
            + "./\(text)"
    }

    /// Refuses what looks like `HOST:PORT` or `SCHEME:…`, unless it is there.
    static func refuse(_ text: String) throws {
        guard text.contains(/^[A-Za-z][A-Za-z0-9+.\-]*:|^[^\/]*:[0-9]+(\/|$)/) else { return }
        guard FileManager.default.fileExists(atPath: text) else { throw MistakenAddress(text: text) }
    }
}
