import ImageModel

extension TestAnswer {
    /// The body as JSON.
    var json: JSONValue {
        get throws { try JSONValue(parsing: body) }
    }

    /// The codes of an error body, in order.
    var codes: [String] {
        get throws { try json["errors"]?.array?.compactMap { $0["code"]?.string } ?? [] }
    }

    /// The strings in a list member.
    func strings(_ member: String) throws -> [String] {
        try json[member]?.array?.compactMap(\.string) ?? []
    }

    /// The digests of the descriptors in an index.
    var manifestDigests: [String] {
        get throws { try json["manifests"]?.array?.compactMap { $0["digest"]?.string } ?? [] }
    }

    /// The location of the next page, if there is one.
    var nextPage: String? {
        guard let link = self["link"], link.hasSuffix("rel=\"next\""), let end = link.firstIndex(of: ">") else {
            return nil
        }
        return String(link[..<end].dropFirst())
    }
}
