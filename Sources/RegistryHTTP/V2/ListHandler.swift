import HTTPTypes
import ImageModel
import RegistryCore

/// The lists of repositories and of tags, by page.
struct ListHandler: Sendable {
    /// The most names that one page may have.
    static let pageLimit = 1000

    let registry: Registry

    func repositories(_ request: RegistryRequest) async throws -> HTTPAnswer {
        let size = try pageSize(request) ?? Self.pageLimit
        guard size <= Self.pageLimit else { throw RegistryError.malformedPageSize("\(size)") }
        let names = try await registry.catalogue.repositories().map(\.description)
        return page(names, of: size, request, path: "/v2/_catalog") { [JSONMember(key: "repositories", value: $0)] }
    }

    func tags(_ request: RegistryRequest, in name: RepositoryName) async throws -> HTTPAnswer {
        let size = try pageSize(request) ?? .max
        let tags = try await registry.catalogue.tags(in: name).map(\.description)
        return page(tags, of: size, request, path: "/v2/\(name)/tags/list") {
            [JSONMember(key: "name", value: .string(name.description)), JSONMember(key: "tags", value: $0)]
        }
    }

    private func page(
        _ all: [String],
        of size: Int,
        _ request: RegistryRequest,
        path: String,
        _ members: (JSONValue) -> [JSONMember]
    ) -> HTTPAnswer {
        let after = request.query["last"] ?? ""
        let rest = all.drop { !after.utf8.lexicographicallyPrecedes($0.utf8) }
        let names = rest.prefix(size)
        var answer = HTTPAnswer(v2Status: 200, json: .object(members(.array(names.map { .string($0) }))))
        if names.count < rest.count, let last = names.last {
            // Names of repositories and tags need no escaping in a query.
            answer.headers[.link] = "<\(request.location("\(path)?last=\(last)&n=\(size)"))>; rel=\"next\""
        }
        return answer
    }

    private func pageSize(_ request: RegistryRequest) throws -> Int? {
        guard let text = request.query["n"], !text.isEmpty else { return nil }
        guard let size = Int(text), size >= 0 else { throw RegistryError.malformedPageSize(text) }
        return size
    }
}
