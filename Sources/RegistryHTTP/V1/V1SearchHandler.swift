import HTTPTypes
import ImageModel
import RegistryCore

/// `GET /v1/search`: every repository of either layout whose name holds the words that are asked for.
///
/// Without `n` and `page` all of them are answered, as docker-registry does.
struct V1SearchHandler: Sendable {
    let registry: Registry

    func answer(_ request: RegistryRequest) async throws -> HTTPAnswer {
        let query = request.query["q"] ?? ""
        let folded = query.lowercased()
        let names = try await registry.catalogue.legacyRepositories().filter {
            folded.isEmpty || $0.lowercased().contains(folded)
        }
        let results = names.map { name -> JSONValue in
            .object([
                JSONMember(key: "description", value: .string("")), JSONMember(key: "name", value: .string(name)),
            ])
        }
        return HTTPAnswer(
            v1Status: 200,
            json: .object([
                JSONMember(key: "num_results", value: .integer(Int64(results.count))),
                JSONMember(key: "query", value: .string(query)),
                JSONMember(key: "results", value: .array(results)),
            ])
        )
    }
}
