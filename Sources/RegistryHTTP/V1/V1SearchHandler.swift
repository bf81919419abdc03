import HTTPTypes
import ImageModel
import RegistryCore

/// `GET /v1/search`: the repositories of both layouts whose name or description contains the query.
///
/// Returns all results like docker-registry, unless a page is requested, then pages like Docker Hub.
struct V1SearchHandler: Sendable {
    /// The default and the maximum page size.
    private static let pageSizes = (default: 25, limit: 1000)

    let registry: Registry
    /// The caller's permissions.
    let permissions: Permissions

    func respond(_ request: RegistryRequest) async throws -> RegistryResponse {
        let query = request.query["q"] ?? ""
        let found = try await registry.search.search(query).filter { permissions.lists($0.name) }
        var members = [
            JSONMember(key: "num_results", value: .integer(Int64(found.count))),
            JSONMember(key: "query", value: .string(query)),
        ]
        var shown = found[...]
        if request.query["n"] != nil || request.query["page"] != nil {
            let size = min(number(request.query["n"]) ?? Self.pageSizes.default, Self.pageSizes.limit)
            let page = number(request.query["page"]) ?? 1
            shown = found.dropFirst((page - 1) * size).prefix(size)
            members += [
                JSONMember(key: "num_pages", value: .integer(Int64((found.count + size - 1) / size))),
                JSONMember(key: "page", value: .integer(Int64(page))),
                JSONMember(key: "page_size", value: .integer(Int64(size))),
            ]
        }
        members.append(JSONMember(key: "results", value: .array(shown.map(Self.json))))
        return RegistryResponse(v1Status: 200, json: .object(members))
    }

    /// A positive number; nil for anything else, which counts as absent.
    private func number(_ text: String?) -> Int? {
        text.flatMap { Int($0) }.flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
    }

    private static func json(_ result: SearchResult) -> JSONValue {
        .object([
            JSONMember(key: "description", value: result.description.map { .string($0) } ?? .null),
            JSONMember(key: "name", value: .string(result.name)),
        ])
    }
}
