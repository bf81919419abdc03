/// Where connections come from.
package enum ListeningPlace: Sendable, Equatable, CustomStringConvertible {
    /// A port of this machine.
    case address(ListenAddress)
    /// A socket in the file system, which is made, and made anew where one was left behind.
    case socket(path: String)
    /// A socket that somebody else listens at: systemd's socket activation.
    case inherited(descriptor: Int32)

    package var description: String {
        switch self {
        case .address(let address): "\(address)"
        case .socket(let path): path
        case .inherited(let descriptor): "inherited socket \(descriptor)"
        }
    }
}
