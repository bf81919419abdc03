/// The words of a search, and how well a repository fits them.
struct SearchQuery {
    private enum Rank: Int {
        case exact
        case prefix
        case other
    }

    private let words: [UInt8]
    private static let libraryPrefix = Array("\(V1RepositoryName.libraryNamespace)/".utf8)

    /// Takes the words as they were typed; none find everything.
    init(_ text: String) { self.words = Array(text.lowercased().utf8) }

    /// The repositories that fit, the best first: those of that very name, those that begin with it, the rest by name.
    func best(of repositories: some Sequence<SearchResult>) -> [SearchResult] {
        repositories.compactMap { result in rank(result).map { (rank: $0, result: result) } }
            .sorted { ($0.rank.rawValue, $0.result.name) < ($1.rank.rawValue, $1.result.name) }
            .map(\.result)
    }

    /// Nil for a repository that does not fit.
    private func rank(_ result: SearchResult) -> Rank? {
        guard !words.isEmpty else { return .other }
        let name = result.foldedName[...]
        let short = name.starts(with: Self.libraryPrefix) ? name.dropFirst(Self.libraryPrefix.count) : name
        if name.elementsEqual(words) || short.elementsEqual(words) { return .exact }
        if name.starts(with: words) || short.starts(with: words) { return .prefix }
        return Self.contains(result.foldedName, words) || Self.contains(result.foldedDescription, words) ? .other : nil
    }

    /// Whether bytes stand somewhere in others: ten thousand names are looked through for each search.
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

/// A repository that a search has found.
package struct SearchResult: Sendable, Hashable {
    /// Its name as v1 has it: `library/centos6` for v2's `centos6`.
    package let name: String
    /// What its `latest` says of itself, shortened; empty when it says nothing. Nil for a repository that docker-registry
    /// left behind and nobody has pushed to since: its search said null of those.
    package let description: String?
    /// The name in lower case, as it is looked through.
    let foldedName: [UInt8]
    /// The description in lower case.
    let foldedDescription: [UInt8]

    package init(name: String, description: String?) {
        self.name = name
        self.description = description
        foldedName = Array(name.lowercased().utf8)
        foldedDescription = Array((description ?? "").lowercased().utf8)
    }
}
