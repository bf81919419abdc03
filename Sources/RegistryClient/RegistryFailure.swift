/// The reason why a registry request failed.
package enum RegistryFailure: Error, Equatable, CustomStringConvertible {
    /// The registry could not be reached, or the connection broke, repeatedly.
    case unreachable(origin: String, reason: String)
    /// It requires a login, or rejects the given one. `remedy` explains what to do.
    case unauthorised(origin: String, what: String, remedy: String)
    /// It is not a v1 registry.
    case speaksNoV1(origin: String)
    /// It returned an unexpected status.
    case refused(what: String, status: Int, message: String)
    /// It returned a malformed response.
    case malformedResponse(what: String)

    package var description: String {
        switch self {
        case .unreachable(let origin, let reason): "\(origin) cannot be reached: \(reason)"
        case .unauthorised(let origin, let what, let remedy): "\(origin) refuses \(what): \(remedy)"
        case .speaksNoV1(let origin):
            "\(origin) does not speak v1: a migration needs a v1 registry as its source; "
                + "use 'skopeo sync' to copy between v2 registries"
        case .refused(let what, let status, let message):
            "\(what) failed with status \(status)" + (message.isEmpty ? "" : ": \(message)")
        case .malformedResponse(let what): "\(what) returned a malformed response"
        }
    }

    /// Whether the whole registry is temporarily unavailable, for any request.
    package var isOutage: Bool {
        switch self {
        case .unreachable: true
        case .refused(_, let status, _): [429, 502, 503, 504].contains(status)
        case .unauthorised, .speaksNoV1, .malformedResponse: false
        }
    }

    /// Whether the request may succeed if retried shortly.
    var isPassing: Bool {
        switch self {
        case .unreachable: true
        case .refused(_, let status, _): status == 429 || status >= 500
        case .unauthorised, .speaksNoV1, .malformedResponse: false
        }
    }
}
