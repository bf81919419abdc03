import Storage

/// What one client did with one repository through one protocol.
package struct ClientUse: Codable, Equatable, Sendable {
    /// What tells one client's use from another's.
    package struct Key: Codable, Hashable, Sendable {
        /// The protocol: v1 or v2.
        package let interface: EventActor.Interface
        /// The client's `User-Agent`, cut to ``textLimit``; empty if it sent none.
        package let agent: String
        /// The repository, without `library/` before a name of one part.
        package let repository: String
        /// The user; nil for an anonymous client.
        package let user: String?
        /// The client's IP address; nil if it is unknown.
        package let address: String?

        /// Texts from the network are cut.
        package init(
            interface: EventActor.Interface,
            agent: String,
            repository: String,
            user: String?,
            address: String?
        ) {
            self.interface = interface
            self.agent = Self.cut(agent)
            self.repository = Self.cut(Self.shortName(repository))
            self.user = user.map(Self.cut)
            self.address = address.map(Self.cut)
        }

        /// The longest text that is kept, in bytes.
        package static let textLimit = 256

        static func cut(_ text: String) -> String {
            text.utf8.count <= textLimit ? text : String(decoding: text.utf8.prefix(textLimit), as: UTF8.self)
        }

        private static func shortName(_ name: String) -> String {
            let prefix = "\(V1RepositoryName.libraryNamespace)/"
            guard name.hasPrefix(prefix) else { return name }
            let rest = name.dropFirst(prefix.count)
            return rest.contains("/") ? name : String(rest)
        }
    }

    /// Who used what.
    package let key: Key
    /// The first request, in seconds since 1970.
    package var first: Int64
    /// The last request, in seconds since 1970.
    package var last: Int64
    /// The number of successful requests.
    package var count: Int64

    /// The kind of client.
    package var era: ClientEra { ClientEra(ClientAgent(key.agent)) }

    /// Adds what was recorded elsewhere for the same key.
    mutating func add(_ other: ClientUse) {
        first = min(first, other.first)
        last = max(last, other.last)
        count = count.clampedAdding(max(0, other.count))
    }
}
