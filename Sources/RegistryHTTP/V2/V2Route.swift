import HTTPTypes

/// A path under `/v2/`.
///
/// Repository names may contain any word of the API (`a/blobs/b`, `library/tags` and `x/manifests/y` are valid), so
/// paths are matched from their end. Names, references and digests are passed on as text; their grammars refuse later,
/// with a reason. Paths: OCI Distribution Specification 1.1, "Endpoints", and Docker Registry HTTP API V2 for
/// `_catalog`.
package enum V2Route: Equatable, Sendable {
    /// `/v2/`, with or without the trailing slash: the version check.
    case base
    /// `/v2/_catalog`, with or without a trailing slash.
    case catalog
    /// `/v2/_token`: this server's own token service. Not part of any specification.
    case token
    /// `/v2/NAME/tags/list`
    case tags(repository: String)
    /// `/v2/NAME/manifests/REFERENCE`: a tag or a digest.
    case manifest(repository: String, reference: String)
    /// `/v2/NAME/blobs/DIGEST`
    case blob(repository: String, digest: String)
    /// `/v2/NAME/blobs/uploads/`, with or without the trailing slash.
    case uploads(repository: String)
    /// `/v2/NAME/blobs/uploads/ID`
    case upload(repository: String, id: String)
    /// `/v2/NAME/referrers/DIGEST`
    case referrers(repository: String, digest: String)

    /// Parses a path as sent, percent-encoded and without its query; nil when no route matches.
    package init?(path: String) {
        let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.count >= 2, components[0].isEmpty, components[1].elementsEqual("v2".utf8) else { return nil }
        let words = components.dropFirst(2).map { Self.decode(Substring($0)) }
        guard let route = Self.whole(words[...]) ?? Self.read(fromTheEndOf: words[...]) else { return nil }
        self = route
    }

    /// The supported methods, besides OPTIONS.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .base, .catalog, .token, .tags, .referrers: [.get, .head]
        case .manifest: [.get, .head, .put, .delete]
        case .blob: [.get, .head, .delete]
        case .uploads: [.post]
        case .upload: [.get, .head, .patch, .put, .delete]
        }
    }

    /// What the caller must be allowed to do. Like registry:2, except that every request of an upload needs push, even
    /// one that asks for progress or cancels.
    func requirement(of method: HTTPRequest.Method) -> AccessRequirement {
        switch self {
        case .base: .login
        case .catalog: .catalogue
        case .tags(let repository), .referrers(let repository, _): .actions(.pull, on: repository)
        case .manifest(let repository, _), .blob(let repository, _):
            switch method {
            case .get, .head: .actions(.pull, on: repository)
            case .delete: .actions(.delete, on: repository)
            default: .actions(.pull, .push, on: repository)
            }
        case .uploads(let repository), .upload(let repository, _): .actions(.pull, .push, on: repository)
        case .token: .nothing
        }
    }

    private static func whole(_ words: ArraySlice<String>) -> V2Route? {
        switch words {
        case [], [""]: .base
        // registry:2 redirects one form to the other.
        case ["_catalog"], ["_catalog", ""]: .catalog
        case [AccessControl.v2TokenWord]: .token
        default: nil
        }
    }

    private static func read(fromTheEndOf words: ArraySlice<String>) -> V2Route? {
        if let name = repository(words, before: "tags", "list") { return .tags(repository: name) }
        if let name = repository(words, before: "blobs", "uploads") ?? repository(words, before: "blobs", "uploads", "")
        {
            return .uploads(repository: name)
        }
        guard let last = words.last, !last.isEmpty else { return nil }
        let others = words.dropLast()
        if let name = repository(others, before: "manifests") { return .manifest(repository: name, reference: last) }
        if let name = repository(others, before: "blobs") { return .blob(repository: name, digest: last) }
        if let name = repository(others, before: "referrers") { return .referrers(repository: name, digest: last) }
        if let name = repository(others, before: "blobs", "uploads") { return .upload(repository: name, id: last) }
        return nil
    }

    /// The repository before `suffix`; nil when the words do not end with it, or nothing precedes it.
    private static func repository(_ words: ArraySlice<String>, before suffix: String...) -> String? {
        guard words.count > suffix.count, words.suffix(suffix.count).elementsEqual(suffix) else { return nil }
        return words.dropLast(suffix.count).joined(separator: "/")
    }

    /// Decodes one component, once. A component with an encoded slash stays encoded: the percent sign makes it an
    /// invalid name, so it cannot be mistaken for another repository.
    private static func decode(_ component: Substring) -> String {
        let decoded = String(percentDecoding: component)
        return decoded.utf8.contains(UInt8(ascii: "/")) ? String(component) : decoded
    }
}
