import HTTPTypes
import RegistryCore

/// Answers that whoever asks gets, without a login and under every path or setting.
extension HTTPAnswer {
    /// The answer to OPTIONS, by which a browser asks whether a page of another origin may send a request. It sends no
    /// credentials with that, and wants a status of success and the headers that the operator chose (`http.headers`).
    init(optionsOf v2: V2Route) {
        self.init(v2Status: 204)
        headers[.allow] = Self.allow(v2.methods)
    }

    /// The same under a path of v1.
    init(optionsOf v1: V1Route) {
        self.init(.noContent, headers: V1Headers.ofEveryAnswer)
        headers[.allow] = Self.allow(v1.methods.isEmpty ? [.get, .head] : v1.methods)
    }

    /// The same under any other path.
    static var optionsOfNothing: HTTPAnswer {
        var answer = HTTPAnswer(.noContent)
        answer.headers[.allow] = Self.allow([.get, .head])
        return answer
    }

    /// The answer to a probe of `/`, as registry:2 gives it: load balancers and Kubernetes ask there whether the server
    /// runs.
    static var alive: HTTPAnswer { HTTPAnswer(.ok, headers: [.cacheControl: "no-cache"]) }

    private static func allow(_ methods: [HTTPRequest.Method]) -> String {
        (methods + [.options]).map(\.rawValue).joined(separator: ", ")
    }
}
