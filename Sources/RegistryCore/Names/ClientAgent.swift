import ImageModel

/// The client's `User-Agent`: `docker/1.5.0 go/go1.4.1 kernel/3.16.0 os/linux arch/amd64`.
package struct ClientAgent: Sendable {
    private let text: String
    /// The products with their versions, in order.
    private let products: [(name: Substring, version: Substring)]

    /// Parses the header as sent.
    package init(_ text: String?) {
        let text = text ?? ""
        self.text = text
        self.products = text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).compactMap { word in
            guard let slash = word.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            let version = word[word.index(after: slash)...].prefix { $0 != UInt8(ascii: "/") }
            return word[..<slash].isEmpty || version.isEmpty ? nil : (Substring(word[..<slash]), Substring(version))
        }
    }

    /// The client's Docker release, if it is Docker and gives a version.
    package var docker: DockerRelease? {
        products.first { $0.name.lowercased() == "docker" }.flatMap { DockerRelease(parsing: $0.version) }
    }

    /// Whether one of its products has this name, in lower case.
    func names(_ product: String) -> Bool { products.contains { $0.name.lowercased() == product } }

    /// The first product with its version, such as `docker/1.5.0`; the whole text if there is none.
    package var product: String { products.first.map { "\($0.name)/\($0.version)" } ?? text }

    /// Whether this is a Docker that supports v2 but only accepts schema1 manifests, without saying so.
    package var takesSchema1Alone: Bool {
        docker.map { $0 > .lastWithoutUsableV2 && $0 <= .lastBeforeSchema2 } ?? false
    }

    /// Whether this is the v2 probe of Docker up to 1.5, which sends no product name; later releases use newer versions
    /// of Go.
    package var isEarlyProbe: Bool { text.hasPrefix("Go 1.1 package http") }

    /// The push record that docker-registry stores for a tag: the time of the push and the client's versions.
    func pushRecord(secondsSince1970: Int64) -> JSONValue {
        let keys = [
            "docker": "docker_version", "go": "docker_go_version", "arch": "arch", "kernel": "kernel", "os": "os",
        ]
        var members: [String: JSONValue] = ["last_update": .integer(secondsSince1970)]
        for (name, version) in products {
            guard let key = keys[String(name)] else { continue }
            members[key] = .string(key == name ? version.lowercased() : String(version))
        }
        return .object(members.sorted { $0.key < $1.key }.map { JSONMember(key: $0.key, value: $0.value) })
    }
}
