import ImageModel
import RegistryCore
import RegistryHTTP

/// The repositories that a caller may pull, found by name and description.
struct RepositoryListView: PageView {
    static let template = "repositories"

    struct Row: Sendable {
        let name: String
        let link: String
        let description: String
        let tagCount: String
    }

    let base: String
    let query: String
    let summary: String?
    let hasRows: Bool
    let rows: [Row]
    let pages: PagePosition?
    let isEmpty: Bool
    let host: String

    private static let pageSize = 50

    init(_ registry: Registry, _ context: PageContext) async throws {
        let query = PageFormat.cut(context.request.query["q"] ?? "", to: 256)
        let found = try await registry.search.search(query).compactMap { result -> (EventRepository, SearchResult)? in
            guard let repository = EventRepository(named: result.name), context.caller.lists(repository.description)
            else {
                return nil
            }
            return (Self.shortName(repository), result)
        }
        let slice = PageSlice(context.request.query["page"], size: Self.pageSize, total: found.count)
        var rows: [Row] = []
        for (repository, result) in found[slice.range] {
            let name = repository.description
            rows.append(
                Row(
                    name: name,
                    link: context.links.repository(name),
                    description: result.description ?? "",
                    tagCount: await Self.tagCount(of: repository, registry)
                )
            )
        }
        let links = context.links
        self.base = links.base
        self.query = query
        self.summary =
            found.isEmpty && query.isEmpty
            ? nil
            : PageFormat.count(found.count, "repository") + (query.isEmpty ? "" : " found")
        self.hasRows = !rows.isEmpty
        self.rows = rows
        self.pages = slice.position { links.repositories([("q", query), ("page", $0)]) }
        self.isEmpty = found.isEmpty && query.isEmpty
        self.host = context.host
    }

    /// The search's `library/x` is v2's `x`.
    private static func shortName(_ repository: EventRepository) -> EventRepository {
        guard let name = repository.v2?.description, name.hasPrefix("library/") else { return repository }
        let rest = String(name.dropFirst("library/".count))
        guard !rest.contains("/"), let short = EventRepository(named: rest) else { return repository }
        return short
    }

    /// A damaged repository has no count.
    private static func tagCount(of repository: EventRepository, _ registry: Registry) async -> String {
        do { return "\(try await registry.tagNames(in: repository).count)" } catch { return "" }
    }
}
