import Foundation
import RegistryClient

/// The destination of a migration, as named by the operator.
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

    /// The path of a directory or layout; nil for a registry.
    var directory: String? {
        switch self {
        case .directory(let path), .layout(let path): path
        case .registry: nil
        }
    }

    /// The name in reports: a directory by its absolute path.
    var absolute: String {
        switch self {
        case .directory(let path): AbsolutePath.of(path)
        case .layout(let path): "oci:\(AbsolutePath.of(path))"
        case .registry(let address): address.description
        }
    }

    /// The name to print, without a password.
    var description: String {
        switch self {
        case .directory(let path): path
        case .layout(let path): "oci:\(path)"
        case .registry(let address): address.description
        }
    }
}

/// Makes relative paths absolute.
enum AbsolutePath {
    /// - Returns: The absolute path, without a trailing slash.
    static func of(_ path: String) -> String {
        let text = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

/// An argument looks like an address, and no directory or file has that name.
struct MistakenAddress: Error, CustomStringConvertible {
    let text: String

    var description: String {
        "no directory '\(text)': a registry's address begins with http:// or https://; for a local directory write "
            + "./\(text)"
    }

    /// Refuses text that looks like `HOST:PORT` or `SCHEME:…`, unless a file of that name exists.
    static func refuse(_ text: String) throws {
        guard text.contains(/^[A-Za-z][A-Za-z0-9+.\-]*:|^[^\/]*:[0-9]+(\/|$)/) else { return }
        guard FileManager.default.fileExists(atPath: text) else { throw MistakenAddress(text: text) }
    }
}
