import HTTPTypes
import ImageModel
import RegistryCore

/// Lists repositories and tags in pages.
struct ListHandler: Sendable {
    let registry: Registry
    let settings: ServiceSettings

    func repositories(_ request: RegistryRequest, shownTo permissions: Permissions) async throws -> RegistryResponse {
        let page = try PageRequest(request)
        let size = page.size ?? settings.catalogueLimit
        let limit = settings.catalogueLimit
        guard size <= limit else { throw RegistryError.pageTooLarge(size, limit: limit) }
        let names = try await registry.catalogue.repositories(after: page.last, limit: Self.oneMore(than: size)) {
            permissions.lists($0.description)
        }.map(\.description)
        return respond(names, of: size, path: "/v2/_catalog") {
            [JSONMember(key: "repositories", value: $0)]
        }
    }

    func tags(_ request: RegistryRequest, in name: RepositoryName) async throws -> RegistryResponse {
        let page = try PageRequest(request)
        let limit = Self.oneMore(than: page.size ?? .max)
        let tags = try await registry.catalogue.tags(in: name, after: page.last, limit: limit).map(\.description)
        return respond(tags, of: page.size ?? .max, path: "/v2/\(name)/tags/list") {
            [JSONMember(key: "name", value: .string(name.description)), JSONMember(key: "tags", value: $0)]
        }
    }

    /// One extra entry shows whether there is another page.
    private static func oneMore(than size: Int) -> Int { size == .max ? .max : size + 1 }

    private func respond(
        _ found: [String],
        of size: Int,
        path: String,
        _ members: (JSONValue) -> [JSONMember]
    ) -> RegistryResponse {
        let names = found.prefix(size)
        var response = RegistryResponse(v2Status: 200, json: .object(members(.array(names.map { .string($0) }))))
        if names.count < found.count, let last = names.last {
            // Repository names and tags need no escaping in a query.
            let next = settings.locations.link(to: "\(path)?last=\(last)&n=\(size)")
            response.headers[.link] = "<\(next)>; rel=\"next\""
        }
        return response
    }
}

/// The requested page of a list: `?n=…&last=…`.
struct PageRequest: Equatable {
    /// The most entries; nil if absent. Numbers that overflow count as the largest.
    let size: Int?
    /// The last entry of the previous page; nil for the first page.
    let last: String?

    /// - Throws: ``RegistryError/malformedPageSize(_:)`` unless `n` is empty or made of digits.
    init(_ request: RegistryRequest) throws(RegistryError) {
        let last = request.query["last"] ?? ""
        self.last = last.isEmpty ? nil : last
        let text = request.query["n"] ?? ""
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw .malformedPageSize(text)
        }
        size = text.isEmpty ? nil : Int(text) ?? .max
    }
}
