import HTTPTypes

/// Answers to requests that no API takes. They need no login, whatever the operator chose.
extension HTTPAnswer {
    /// - Parameter path: The path below the server's prefix; nil where it is not below that.
    init(ofNoAPI request: RegistryRequest, at path: String?) {
        switch request.method {
        case .options:
            self.init(.noContent)
            headers[.allow] = Self.allow([.get, .head])
        case .get where request.path == "/" || path == "/", .head where request.path == "/" || path == "/":
            // As registry:2 answers: load balancers and Kubernetes ask there whether the server runs.
            self.init(.ok, headers: [.cacheControl: "no-cache"])
        default: self.init(v1Page: .notFound)
        }
    }

    /// The value of Allow for these methods.
    ///
    /// OPTIONS is answered everywhere: a browser asks by it whether a page of another origin may send a request. It sends
    /// no credentials with that, and wants a status of success and the headers that the operator chose (`http.headers`).
    static func allow(_ methods: [HTTPRequest.Method]) -> String {
        (methods + [.options]).map(\.rawValue).joined(separator: ", ")
    }
}
