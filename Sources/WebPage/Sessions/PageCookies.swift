import HTTPTypes
import RegistryHTTP

/// The cookies of the pages. No other API reads cookies.
enum PageCookies {
    /// Identifies a session.
    static let session = "longshore-session"
    /// Binds the sign-in form to a browser before there is a session.
    static let form = "longshore-form"

    /// The value that the browser sent; nil if it sent none, or one that no cookie of ours has.
    static func value(of name: String, in request: RegistryRequest) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1)
                guard sides.count == 2, sides[0].filter({ $0 != " " }) == name else { continue }
                let value = sides[1].filter { $0 != " " && $0 != "\"" }
                return value.utf8.count == 43 ? value : nil
            }
        }
        return nil
    }

    /// The header that sets a cookie for as long as the browser runs.
    static func setting(_ name: String, to value: String, path: String, isSecure: Bool) -> String {
        "\(name)=\(value); \(attributes(path: path, isSecure: isSecure))"
    }

    /// The header that deletes a cookie.
    static func deleting(_ name: String, path: String, isSecure: Bool) -> String {
        "\(name)=; Max-Age=0; \(attributes(path: path, isSecure: isSecure))"
    }

    private static func attributes(path: String, isSecure: Bool) -> String {
        "Path=\(path); HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }
}

extension HTTPField.Name {
    /// The origin of a page that sends a form.
    static let formOrigin = Self("Origin") ?? .referer
}
