import HTTPTypes
package import RegistryCore

/// A path of the v1 API, matched like docker-registry 0.9.1 did.
///
/// The whole path is decoded before it is split, as by that server's gateway: `%2F` is a slash. Methods are checked by
/// the handlers. docker-registry redirected unsupported methods below a repository with 301 to the path with a trailing
/// slash, because `/v1/repositories/…/` is a route for any words (``slashForm(of:)``).
package enum V1Route: Equatable, Sendable {
    /// `/v1/_ping` and `/_ping`
    case ping
    /// `/`
    case root
    /// `/v1/users/`
    case users
    /// `/v1/users/NAME/`
    case user(name: String)
    /// `/v1/search`
    case search
    /// `/v1/repositories/R/`
    case repository(V1RepositoryName)
    /// `/v1/repositories/R/images`
    case repositoryImages(V1RepositoryName)
    /// `/v1/repositories/R/auth`
    case repositoryAuth(V1RepositoryName)
    /// `/v1/repositories/R/tags`
    case repositoryTags(V1RepositoryName)
    /// `/v1/repositories/R/tags/T`
    case tag(V1RepositoryName, tag: String)
    /// `/v1/repositories/R/tags/T/json`
    case tagJSON(V1RepositoryName, tag: String)
    /// `/v1/repositories/R/json`
    case repositoryJSON(V1RepositoryName)
    /// `/v1/repositories/R/properties`
    case repositoryProperties(V1RepositoryName)
    /// `/v1/images/ID/json`
    case imageJSON(id: String)
    /// `/v1/images/ID/layer`
    case imageLayer(id: String)
    /// `/v1/images/ID/checksum`
    case imageChecksum(id: String)
    /// `/v1/images/ID/ancestry`
    case imageAncestry(id: String)
    /// `/v1/images/ID/files`
    case imageFiles(id: String)
    /// `/v1/images/ID/diff`
    case imageDiff(id: String)
    /// A path without its trailing slash: redirected with 301 to this one, in the encoding of the request.
    case redirectToSlash(String)

    /// Parses a path as sent, percent-encoded and without its query; nil when no route matches.
    package init?(path: String) {
        let words = String(percentDecoding: path).split(separator: "/" as Character, omittingEmptySubsequences: false)
            .map(String.init)
        guard words.first == "" else { return nil }
        switch words.dropFirst() {
        case [""]: self = .root
        case ["_ping"], ["v1", "_ping"]: self = .ping
        case ["v1", "search"]: self = .search
        case ["v1", "users", ""]: self = .users
        case ["v1", "users"]: self = .redirectToSlash(Self.slashForm(of: path))
        case let rest where rest.starts(with: ["v1", "users"]):
            guard let route = Self.user(rest.dropFirst(2), path: path) else { return nil }
            self = route
        case let rest where rest.starts(with: ["v1", "images"]):
            guard let route = Self.image(rest.dropFirst(2)) else { return nil }
            self = route
        case let rest where rest.starts(with: ["v1", "repositories"]):
            guard let route = Self.repository(rest.dropFirst(2), path: path) else { return nil }
            self = route
        default: return nil
        }
    }

    /// `path` with a trailing slash: docker-registry's redirect target for a request without one.
    package static func slashForm(of path: String) -> String { path + "/" }

    /// The supported methods, besides OPTIONS.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .ping, .root, .search, .tagJSON, .repositoryJSON, .imageAncestry, .imageFiles, .imageDiff: [.get, .head]
        case .users: [.get, .head, .post]
        case .user, .repositoryAuth, .imageChecksum: [.put]
        case .repository: [.put, .delete]
        case .repositoryImages, .tag: [.get, .head, .put, .delete]
        case .repositoryTags: [.get, .head, .delete]
        case .repositoryProperties, .imageJSON, .imageLayer: [.get, .head, .put]
        case .redirectToSlash: []
        }
    }

    /// What the caller must be allowed to do.
    func requirement(of method: HTTPRequest.Method) -> AccessRequirement {
        switch self {
        case .root, .ping, .redirectToSlash: .nothing
        case .users, .user: .login
        case .search: .search
        case .repository(let name), .repositoryImages(let name), .repositoryTags(let name), .tag(let name, _),
            .repositoryProperties(let name), .repositoryAuth(let name), .repositoryJSON(let name),
            .tagJSON(let name, _):
            switch method {
            case .get, .head: .actions(.pull, on: name.description)
            case .delete: .actions(.delete, on: name.description)
            default: .actions(.pull, .push, on: name.description)
            }
        case .imageJSON, .imageLayer, .imageAncestry, .imageFiles, .imageDiff, .imageChecksum:
            method == .get || method == .head ? .image : .imagePush
        }
    }

    /// Whether unsupported methods are redirected with 301, since `/v1/repositories/…/` is a route for any words.
    var redirectsOtherMethods: Bool {
        switch self {
        case .repositoryImages, .repositoryAuth, .repositoryTags, .tag, .tagJSON, .repositoryJSON,
            .repositoryProperties:
            true
        case .ping, .root, .users, .user, .search, .repository, .imageJSON, .imageLayer, .imageChecksum, .imageAncestry,
            .imageFiles, .imageDiff, .redirectToSlash:
            false
        }
    }

    private static func user(_ words: ArraySlice<String>, path: String) -> V1Route? {
        guard let name = words.first, !name.isEmpty else { return nil }
        return switch words.dropFirst() {
        case []: .redirectToSlash(slashForm(of: path))
        case [""]: .user(name: name)
        default: nil
        }
    }

    private static func image(_ words: ArraySlice<String>) -> V1Route? {
        guard words.count == 2, let id = words.first, !id.isEmpty else { return nil }
        return switch words.last {
        case "json": .imageJSON(id: id)
        case "layer": .imageLayer(id: id)
        case "checksum": .imageChecksum(id: id)
        case "ancestry": .imageAncestry(id: id)
        case "files": .imageFiles(id: id)
        case "diff": .imageDiff(id: id)
        default: nil
        }
    }

    /// Matches from the end, the longest form first.
    private static func repository(_ words: ArraySlice<String>, path: String) -> V1Route? {
        guard let first = words.first, !first.isEmpty, let last = words.last else { return nil }
        if last == "json", let (repository, tag) = tag(words.dropLast()) { return .tagJSON(repository, tag: tag) }
        if let (repository, tag) = tag(words) { return .tag(repository, tag: tag) }
        if let repository = V1RepositoryName(words.dropLast()) {
            switch last {
            case "images": return .repositoryImages(repository)
            case "auth": return .repositoryAuth(repository)
            case "tags": return .repositoryTags(repository)
            case "json": return .repositoryJSON(repository)
            case "properties": return .repositoryProperties(repository)
            case "": return .repository(repository)
            default: break
            }
        }
        return .redirectToSlash(slashForm(of: path))
    }

    private static func tag(_ words: ArraySlice<String>) -> (V1RepositoryName, tag: String)? {
        guard let tag = words.last, !tag.isEmpty, words.dropLast().last == "tags",
            let repository = V1RepositoryName(words.dropLast(2))
        else { return nil }
        return (repository, tag)
    }
}

extension V1RepositoryName {
    /// The name made of these words of a path, split at its first slash, without trailing slashes; nil for no words.
    fileprivate init?(_ words: ArraySlice<String>) {
        guard let end = words.lastIndex(where: { !$0.isEmpty }) else { return nil }
        let trimmed = words[...end]
        guard trimmed.count > 1, let namespace = trimmed.first else {
            self.init(namespace: Self.libraryNamespace, repository: trimmed.joined())
            return
        }
        self.init(namespace: namespace, repository: trimmed.dropFirst().joined(separator: "/"))
    }
}
