import HTTPTypes
import RegistryCore
import SystemLibraries

/// The unverified credentials of a request: its `Authorization` header.
enum AuthorizationHeader: Equatable {
    /// None. Docker's old engines send an empty user and password instead.
    case none
    /// A user and a password: RFC 7617.
    case basic(user: String, password: [UInt8])
    /// A token: RFC 6750.
    case bearer(String)
    /// A token that this server issued to a v1 client: ``V1Token``.
    case v1Token(signature: String)
    /// Anything else, or malformed.
    case unknown

    init(_ header: String?) {
        guard let header, !header.isEmpty else {
            self = .none
            return
        }
        let (scheme, value) = Self.parts(of: header)
        switch scheme {
        case "basic": self = Self.basic(value)
        case "bearer": self = value.isEmpty ? .unknown : .bearer(value)
        case "token": self = Self.v1Token(value)
        default: self = .unknown
        }
    }

    /// The scheme in lowercase, and what follows it.
    private static func parts(of header: String) -> (scheme: String, value: String) {
        let sides = header.split(separator: " ", maxSplits: 1)
        return (sides.first?.lowercased() ?? "", sides.count > 1 ? String(sides[1].drop { $0 == " " }) : "")
    }

    private static func basic(_ value: String) -> AuthorizationHeader {
        guard let bytes = Base64.decode(value), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let user = String(validating: bytes[..<colon], as: UTF8.self)
        else { return .unknown }
        let password = Array(bytes[(colon + 1)...])
        return user.isEmpty && password.isEmpty ? .none : .basic(user: user, password: password)
    }

    private static func v1Token(_ value: String) -> AuthorizationHeader {
        parameter("signature", ofV1Token: value).map { .v1Token(signature: $0) } ?? .unknown
    }

    /// The repository named in a v1 client's token, which is not verified; nil if there is no such token.
    static func repository(inV1Token header: String?) -> V1RepositoryName? {
        let (scheme, value) = parts(of: header ?? "")
        guard scheme == "token", let text = parameter("repository", ofV1Token: value) else { return nil }
        return V1RepositoryName(quoted: text)
    }

    /// Clients put `Token` before the value they received, which already begins with it.
    private static func parameter(_ name: String, ofV1Token value: String) -> String? {
        let bare = value.lowercased().hasPrefix("token ") ? value.dropFirst("token ".count) : value[...]
        for parameter in bare.split(separator: ",") {
            let sides = parameter.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].trimmingPrefix(" ") == name else { continue }
            return sides[1].filter { $0 != "\"" }
        }
        return nil
    }
}
