import Foundation

/// The address of a registry, with the user to log in as.
package struct RegistryAddress: Sendable, CustomStringConvertible {
    /// Scheme, host and port: `http://127.0.0.1:5000`.
    package let origin: String
    /// The user and password, if given.
    package let credentials: Credentials?
    /// The environment variable with the password.
    private let passwordVariable: String

    /// Parses an address typed by an operator: `https://USER:PASSWORD@HOST:PORT`, user and password optional.
    ///
    /// - Parameters:
    ///   - password: The password if the address has a user but no password.
    ///   - passwordVariable: The environment variable it comes from, for error messages.
    /// - Throws: ``MalformedRegistryAddress``.
    package init(
        parsing text: String,
        password: String?,
        passwordVariable: String = "LONGSHORE_DESTINATION_PASSWORD"
    ) throws(MalformedRegistryAddress) {
        guard let components = URLComponents(string: text), let scheme = components.scheme,
            scheme == "http" || scheme == "https", let host = components.host, !host.isEmpty,
            ["", "/"].contains(components.path), components.query == nil, components.fragment == nil
        else { throw MalformedRegistryAddress(text: Self.masked(text)) }
        self.passwordVariable = passwordVariable
        self.origin = "\(scheme)://\(host)" + (components.port.map { ":\($0)" } ?? "")
        self.credentials = components.user.map {
            Credentials(user: $0, password: components.password ?? password ?? "")
        }
    }

    /// The address without user and password.
    package var description: String { origin }

    /// What to do if the registry requires a login, or rejects the given one.
    var loginRemedy: String {
        guard let credentials else {
            let named = origin.replacing("://", with: "://USER@")
            return
                "it requires a login: put the user in the address (\(named)), and the password in \(passwordVariable)"
        }
        return credentials.password.isEmpty
            ? "there is no password for \(credentials.user): set \(passwordVariable)"
            : "\(credentials.user) is not authorized, or the password is wrong (\(passwordVariable), or in the address)"
    }

    private static func masked(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@"), let slashes = text.range(of: "//") else { return text }
        return text[..<slashes.upperBound] + "…" + text[at...]
    }
}

/// A user and a password.
package struct Credentials: Sendable {
    let user: String
    let password: String

    /// The value of the `Authorization` header.
    var basic: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}

/// The error for text that is not the address of a registry.
package struct MalformedRegistryAddress: Error, Equatable, CustomStringConvertible {
    /// The rejected text, without a password.
    package let text: String

    package var description: String { "'\(text)' is not the address of a registry: http(s)://[USER@]HOST[:PORT]" }
}
