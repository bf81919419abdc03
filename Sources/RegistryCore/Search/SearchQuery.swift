/// The words of a search, and how well a repository fits them.
struct SearchQuery {
    private enum Rank: Int {
        case exact
        case prefix
        case other
    }

    private let words: String

    /// Takes the words as they were typed; none find everything.
    init(_ text: String) { self.words = text.lowercased() }

    /// The repositories that fit, the best first: those of that very name, those that begin with it, the rest by name.
    func best(of repositories: some Sequence<SearchResult>) -> [SearchResult] {
        repositories.compactMap { result in rank(result).map { (rank: $0, result: result) } }
            .sorted { ($0.rank.rawValue, $0.result.name) < ($1.rank.rawValue, $1.result.name) }
            .map(\.result)
    }

    /// Nil for a repository that does not fit.
    private func rank(_ result: SearchResult) -> Rank? {
        guard !words.isEmpty else { return .other }
        let name = result.name.lowercased()
        let prefix = "\(V1RepositoryName.libraryNamespace)/"
        let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        if name == words || short == words { return .exact }
        if name.hasPrefix(words) || short.hasPrefix(words) { return .prefix }
        if name.contains(words) || result.description?.lowercased().contains(words) == true { return .other }
        return nil
    }
}
