/// A search query, and the ranking of repositories for it.
struct SearchQuery {
    private enum Rank: Int {
        case exact
        case prefix
        case other
    }

    private let words: [UInt8]
    private static let libraryPrefix = Array("\(V1RepositoryName.libraryNamespace)/".utf8)

    /// Takes the query as typed; an empty one finds everything.
    init(_ text: String) { self.words = Array(text.lowercased().utf8) }

    /// The matching repositories, best first: exact matches, then prefix matches, then the rest, each by name.
    func best(of repositories: some Sequence<SearchResult>) -> [SearchResult] {
        repositories.compactMap { result in rank(result).map { (rank: $0, result: result) } }
            .sorted { ($0.rank.rawValue, $0.result.name) < ($1.rank.rawValue, $1.result.name) }
            .map(\.result)
    }

    /// Returns nil for a repository that does not match.
    private func rank(_ result: SearchResult) -> Rank? {
        guard !words.isEmpty else { return .other }
        let name = result.foldedName[...]
        let short = name.starts(with: Self.libraryPrefix) ? name.dropFirst(Self.libraryPrefix.count) : name
        if name.elementsEqual(words) || short.elementsEqual(words) { return .exact }
        if name.starts(with: words) || short.starts(with: words) { return .prefix }
        return Self.contains(result.foldedName, words) || Self.contains(result.foldedDescription, words) ? .other : nil
    }

    /// Whether `text` contains `words`. Fast, because each search scans ten thousand names.
    private static func contains(_ text: [UInt8], _ words: [UInt8]) -> Bool {
        guard let first = words.first, text.count >= words.count else { return false }
        return text.withUnsafeBufferPointer { text in
            words.withUnsafeBufferPointer { words in
                (0...(text.count - words.count)).contains { start in
                    text[start] == first && words.indices.allSatisfy { text[start + $0] == words[$0] }
                }
            }
        }
    }
}

/// A repository found by a search.
package struct SearchResult: Sendable, Hashable {
    /// Its name in v1: `library/centos6` for v2's `centos6`.
    package let name: String
    /// The comment of its `latest` image, shortened; empty if it has none. Nil for a repository that docker-registry
    /// left behind and that was never pushed to since: docker-registry's search returned null for those.
    package let description: String?
    /// The lowercase name, for searching.
    let foldedName: [UInt8]
    /// The lowercase description, for searching.
    let foldedDescription: [UInt8]

    package init(name: String, description: String?) {
        self.name = name
        self.description = description
        foldedName = Array(name.lowercased().utf8)
        foldedDescription = Array((description ?? "").lowercased().utf8)
    }
}
