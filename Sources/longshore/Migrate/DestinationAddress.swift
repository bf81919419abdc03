/// What the operator named as the destination of a migration.
enum DestinationAddress: CustomStringConvertible {
    case directory(String)
    case layout(String)

    init(_ text: String) {
        if text.hasPrefix("oci:") {
            self = .layout(String(text.dropFirst("oci:".count)))
        } else {
            self = .directory(text)
        }
    }

    var isLayout: Bool { if case .layout = self { true } else { false } }

    /// As it is shown: without a password.
    var description: String {
        switch self {
        case .directory(let path): path
        case .layout(let path): "oci:\(path)"
        }
    }
}
