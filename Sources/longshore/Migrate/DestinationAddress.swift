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
            let password = ProcessInfo.processInfo.environment["LONGSHORE_DESTINATION_PASSWORD"]
            self = .registry(try RegistryAddress(parsing: text, password: password))
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

    /// As it is shown: without a password.
    var description: String {
        switch self {
        case .directory(let path): path
        case .layout(let path): "oci:\(path)"
        case .registry(let address): address.description
        }
    }
}

/// What was named is an address of some kind, and there is no directory or file of that name.
struct MistakenAddress: Error, CustomStringConvertible {
    let text: String

    var description: String {
        "'\(text)' is no directory: a registry's address begins with http:// or https://, and a directory that is called so "
            + "is written ./\(text)"
    }

    /// Refuses what looks like `HOST:PORT` or `SCHEME:…`, unless it is there.
    static func refuse(_ text: String) throws {
        guard text.contains(/^[A-Za-z][A-Za-z0-9+.\-]*:|^[^\/]*:[0-9]+(\/|$)/) else { return }
        guard FileManager.default.fileExists(atPath: text) else { throw MistakenAddress(text: text) }
    }
}
