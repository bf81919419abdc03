/// An address to listen on: `host:port`, with IPv6 addresses in brackets.
///
/// `:5000` is every address of the machine, and port 0 lets the system choose.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// A host name or address without brackets; empty for all addresses, IPv4 and IPv6.
    package let host: String
    /// The TCP port.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Parses an address from the configuration.
    ///
    /// - Throws: ``MalformedListenAddress`` unless it is `host:port`, `[IPv6]:port` or `:port` with a port up to 65535.
    package init(parsing text: String) throws(MalformedListenAddress) {
        guard let colon = text.lastIndex(of: ":") else { throw MalformedListenAddress(text: text) }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
            throw MalformedListenAddress(text: text)
        }
        let host = text[..<colon]
        let inner = host.dropFirst().dropLast()
        if host.first == "[", host.last == "]", !inner.isEmpty, inner.allSatisfy({ $0 != "[" && $0 != "]" }) {
            self.init(host: String(inner), port: Int(port))
        } else if host.allSatisfy({ $0 != ":" && $0 != "[" && $0 != "]" }) {
            self.init(host: String(host), port: Int(port))
        } else {
            throw MalformedListenAddress(text: text)
        }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Text that is not a valid address to listen on.
package struct MalformedListenAddress: Error, Equatable, CustomStringConvertible {
    /// The malformed text.
    package let text: String

    package init(text: String) { self.text = text }

    package var description: String { "'\(text)' is not an address to listen on, like 0.0.0.0:5000 or [::1]:5000" }
}

/// The socket that a server listens on.
package enum ListeningPlace: Sendable, Equatable, CustomStringConvertible {
    /// A TCP address of this machine.
    case address(ListenAddress)
    /// A Unix socket, created by the server and replaced if a stale one exists.
    case socket(path: String)
    /// A socket opened by another process: systemd's socket activation.
    case inherited(descriptor: Int32)

    package var description: String {
        switch self {
        case .address(let address): "\(address)"
        case .socket(let path): path
        case .inherited(let descriptor): "inherited socket \(descriptor)"
        }
    }
}

/// The server cannot listen on the configured address.
package struct UnusableAddress: Error, CustomStringConvertible {
    let place: ListeningPlace
    let reason: String

    package var description: String { "cannot listen on \(place): \(reason)" }
}
