/// The challenge of a 401 response: the value of `WWW-Authenticate`.
///
/// RFC 7235, section 4.1; Docker's token authentication for `Bearer`.
package struct Challenge: Equatable {
    /// The scheme in lower case: `basic`, `bearer`.
    package let scheme: String
    /// The parameters by lowercase name.
    package let parameters: [String: String]

    /// Parses an untrusted value from the network.
    package init(parsing text: String) {
        let scheme = text.prefix { $0 != " " }
        self.scheme = scheme.lowercased()
        var rest = text.dropFirst(scheme.count)
        var parameters: [String: String] = [:]
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].drop { $0 == " " || $0 == "," }
            rest = rest[rest.index(after: equals)...]
            let value: Substring
            if rest.first == "\"" {
                value = rest.dropFirst().prefix { $0 != "\"" }
                rest = rest.dropFirst(value.count + 2)
            } else {
                value = rest.prefix { $0 != "," }
                rest = rest.dropFirst(value.count)
            }
            parameters[name.lowercased()] = String(value)
        }
        self.parameters = parameters
    }
}
