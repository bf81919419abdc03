/// The variables that Kubernetes and Docker's `--link` set in every container for neighbouring services.
///
/// A service called `registry-auth` creates `REGISTRY_AUTH_PORT=tcp://10.0.0.1:5001`,
/// `REGISTRY_AUTH_SERVICE_HOST=10.0.0.1` and so on, which look like settings but are not.
enum ServiceLink {
    /// Whether a variable is a service link, judged by its name and value.
    static func isOne(_ name: String, _ value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") { return isAddress(value) }
        if name.contains(/_SERVICE_PORT(_[A-Z0-9_]+)?$/) { return isPort(value) }
        if name.hasSuffix("_PORT"), isURL(value) { return true }
        guard let part = name.firstMatch(of: /_PORT_[0-9]+_(?:TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?$/) else {
            return false
        }
        return switch part.1 {
        case "_PROTO": ["tcp", "udp", "sctp"].contains(value)
        case "_PORT": isPort(value)
        case "_ADDR": isAddress(value)
        default: isURL(value)
        }
    }

    private static func isURL(_ value: String) -> Bool { value.contains(/^(tcp|udp|sctp):\/\/./) }

    private static func isPort(_ value: String) -> Bool { UInt16(value) != nil }

    /// An IPv4 or IPv6 address; service links never contain host names.
    private static func isAddress(_ value: String) -> Bool {
        value.contains(/^([0-9]+(\.[0-9]+){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/)
    }
}
