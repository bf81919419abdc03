import RegistryCore
import RegistryHTTP

/// The pages, by their paths.
enum PageRoute: Equatable {
    /// `/`: leads browsers to the pages.
    case root
    case stylesheet
    case icon
    /// The list of repositories.
    case repositories
    /// The tags of a repository.
    case repository(String)
    /// An image of a repository: `?tag=` or `?digest=`.
    case image(String)
    /// A document of a repository as it is stored: `?digest=` or `?image=`.
    case document(String)
    /// The deletion of a tag or an image.
    case delete(String)
    case signIn
    case signOut
    case operators(OperatorPage)
    /// Anything else below `/ui`.
    case unknown

    /// The prefix of all pages but ``root``, and the path of the cookie.
    static let prefix = "/ui"

    /// Parses a path after the server's prefix; nil for a path that is not a page's.
    init?(path: String) {
        if path == "/" {
            self = .root
            return
        }
        guard path == Self.prefix || path.hasPrefix(Self.prefix + "/") else { return nil }
        let rest = path.dropFirst(Self.prefix.count + 1)
        let slash = rest.firstIndex(of: "/")
        let name = slash.map { String(percentDecoding: rest[rest.index(after: $0)...]) } ?? ""
        switch (String(rest[..<(slash ?? rest.endIndex)]), name) {
        case ("", ""), ("repositories", ""): self = .repositories
        case ("style.css", ""): self = .stylesheet
        case ("icon.svg", ""): self = .icon
        case ("sign-in", ""): self = .signIn
        case ("sign-out", ""): self = .signOut
        case ("repositories", _): self = .repository(name)
        case ("images", _) where !name.isEmpty: self = .image(name)
        case ("documents", _) where !name.isEmpty: self = .document(name)
        case ("delete", _) where !name.isEmpty: self = .delete(name)
        case ("operator", _): self = OperatorPage(rawValue: name).map { .operators($0) } ?? .unknown
        default: self = .unknown
        }
    }
}

/// The pages for operators.
enum OperatorPage: String, CaseIterable {
    case overview = ""
    case clients
    case storage
    case configuration
}

/// Links to pages. Names are percent-encoded.
struct PageLinks {
    /// The server's path prefix and the pages' own, without a slash at the end.
    let base: String

    /// - Parameter prefix: `http.prefix`, with a slash at both ends.
    init(prefix: String) { base = prefix.dropLast() + PageRoute.prefix }

    func repository(_ name: String, _ query: [(String, String)] = []) -> String {
        "\(base)/repositories/\(String(percentEncoding: name))\(Self.query(query))"
    }

    func image(_ name: String, tag: String) -> String { link("images", name, ("tag", tag)) }

    func image(_ name: String, digest: String) -> String { link("images", name, ("digest", digest)) }

    func document(_ name: String, digest: String) -> String { link("documents", name, ("digest", digest)) }

    func document(_ name: String, image: String) -> String { link("documents", name, ("image", image)) }

    func delete(_ name: String, tag: String) -> String { link("delete", name, ("tag", tag)) }

    func delete(_ name: String, digest: String) -> String { link("delete", name, ("digest", digest)) }

    func repositories(_ query: [(String, String)]) -> String { base + "/" + Self.query(query) }

    func operators(_ page: OperatorPage, _ query: [(String, String)] = []) -> String {
        base + "/operator" + (page == .overview ? "" : "/\(page.rawValue)") + Self.query(query)
    }

    /// The path to return to after a sign-in: only a page of this server.
    func returnPath(_ text: String?) -> String {
        guard let text, text == base || text.hasPrefix(base + "/"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return base + "/" }
        return text
    }

    private func link(_ kind: String, _ name: String, _ item: (String, String)) -> String {
        "\(base)/\(kind)/\(String(percentEncoding: name))\(Self.query([item]))"
    }

    private static func query(_ items: [(String, String)]) -> String {
        let pairs = items.filter { !$0.1.isEmpty }.map { "\($0.0)=\(String(percentEncoding: $0.1))" }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}
