import ImageModel

/// What a client says of itself in `User-Agent`: `docker/1.5.0 go/go1.4.1 kernel/3.16.0 os/linux arch/amd64`.
package struct ClientAgent: Sendable {
    private let text: String
    /// The products and their versions, in their order.
    private let products: [(name: Substring, version: Substring)]

    /// Takes the header as it was sent.
    package init(_ text: String?) {
        let text = text ?? ""
        self.text = text
        self.products = text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).compactMap { word in
            guard let slash = word.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            let version = word[word.index(after: slash)...].prefix { $0 != UInt8(ascii: "/") }
            return word[..<slash].isEmpty || version.isEmpty ? nil : (Substring(word[..<slash]), Substring(version))
        }
    }

    /// The Docker that asks, if one does and says which.
    package var docker: DockerRelease? {
        products.first { $0.name.lowercased() == "docker" }.flatMap { DockerRelease(parsing: $0.version) }
    }

    /// Whether this is a Docker that speaks v2 and takes schema1 manifests alone, without saying so.
    package var takesSchema1Alone: Bool {
        docker.map { $0 > .lastWithoutUsableV2 && $0 <= .lastBeforeSchema2 } ?? false
    }

    /// Whether this is how Docker up to 1.5 probes for v2: without its name, by a Go that no later one was built with.
    package var isEarlyProbe: Bool { text.hasPrefix("Go 1.1 package http") }

    /// What docker-registry notes about a tag: when it was pushed, and with what.
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
