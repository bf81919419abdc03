import Foundation

/// Where a registry is served, and as whom it is asked.
package struct RegistryAddress: Sendable, CustomStringConvertible {
    /// Scheme, host and port: `http://127.0.0.1:5000`.
    package let origin: String
    /// The user, if one is given.
    package let credentials: Credentials?
    /// The variable that a password is read from.
    private let passwordVariable: String

    /// Parses an address that an operator typed: `https://USER:PASSWORD@HOST:PORT`, user and password optional.
    ///
    /// - Parameters:
    ///   - password: The password for a user that stands in the address without one.
    ///   - passwordVariable: The variable that it is read from, to be named where it is missing.
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

    /// Without user and password.
    package var description: String { origin }

    /// What can be done when the registry asks for a user, or refuses the one that is given.
    var loginRemedy: String {
        guard let credentials else {
            let named = origin.replacing("://", with: "://USER@")
            return
                "it wants a login: name the user in the address (\(named)), and set \(passwordVariable) to the password"
        }
        return credentials.password.isEmpty
            ? "there is no password for \(credentials.user): set \(passwordVariable)"
            : "\(credentials.user) may not do this, or the password is wrong (\(passwordVariable), or in the address)"
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

    /// The value of `Authorization` that says them.
    var basic: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}

/// A text that is not the address of a registry.
package struct MalformedRegistryAddress: Error, Equatable, CustomStringConvertible {
    /// What was given, without a password.
    package let text: String

    package var description: String { "'\(text)' is not the address of a registry: http(s)://[USER@]HOST[:PORT]" }
}
