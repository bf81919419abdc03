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
            self = .directory(text)
        }
    }

    var isLayout: Bool { if case .layout = self { true } else { false } }

    /// As it is shown: without a password.
    var description: String {
        switch self {
        case .directory(let path): path
        case .layout(let path): "oci:\(path)"
        case .registry(let address): address.description
        }
    }
}
