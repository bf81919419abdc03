/// Why a registry did not do what it was asked.
package enum RegistryFailure: Error, Equatable, CustomStringConvertible {
    /// It could not be reached, or the connection broke, again and again.
    case unreachable(origin: String, reason: String)
    /// It asks for a user, or refuses the one that is given.
    /// `remedy` says what to do about it.
    case unauthorised(origin: String, what: String, remedy: String)
    /// It is no v1 registry.
    case speaksNoV1(origin: String)
    /// It answered what nobody can go on with.
    case refused(what: String, status: Int, message: String)
    /// It answered what makes no sense.
    case malformedResponse(what: String)

    package var description: String {
        switch self {
        case .unreachable(let origin, let reason): "\(origin) cannot be reached: \(reason)"
        case .unauthorised(let origin, let what, let remedy): "\(origin) refuses \(what): \(remedy)"
        case .speaksNoV1(let origin):
            "\(origin) does not speak v1: a migration takes images from a v1 registry; between v2 registries, 'skopeo sync' "
                + "copies them"
        case .refused(let what, let status, let message):
            "\(what) was answered with status \(status)" + (message.isEmpty ? "" : ": \(message)")
        case .malformedResponse(let what): "\(what) was answered with something that makes no sense"
        }
    }

    /// Whether the registry as a whole cannot be asked now, whatever one asks it.
    package var isOutage: Bool {
        switch self {
        case .unreachable: true
        case .refused(_, let status, _): [429, 502, 503, 504].contains(status)
        case .unauthorised, .speaksNoV1, .malformedResponse: false
        }
    }

    /// Whether the same may succeed when it is tried again in a moment.
    var isPassing: Bool {
        switch self {
        case .unreachable: true
        case .refused(_, let status, _): status == 429 || status >= 500
        case .unauthorised, .speaksNoV1, .malformedResponse: false
        }
    }
}
