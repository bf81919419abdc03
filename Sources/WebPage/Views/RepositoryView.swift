import ImageModel
import RegistryCore
import RegistryHTTP

/// The tags of a repository.
struct RepositoryView: PageView {
    static let template = "repository"

    let base: String
    let name: String
    let link: String
    let query: String
    let summary: String
    let notice: String?
    let newestLink: String
    let nameLink: String
    let isNewest: Bool
    let hasRows: Bool
    let rows: [TagRow]
    let pages: PagePosition?

    private static let pageSize = 50
    /// The most tags that are sorted by time, which takes a look at each.
    private static let sortLimit = 20_000

    init(_ repository: EventRepository, _ registry: Registry, _ context: PageContext) async throws {
        let name = repository.description
        let links = context.links
        let all = try await registry.tagNames(in: repository)
        let query = PageFormat.cut(context.request.query["q"] ?? "", to: 128)
        var found = query.isEmpty ? all : all.filter { $0.lowercased().contains(query.lowercased()) }
        let isNewest = context.request.query["order"] != "name" && found.count <= Self.sortLimit
        var times: [String: Int64] = [:]
        if isNewest {
            times = try await Self.times(of: found, in: repository, registry)
            found.sort { (times[$0] ?? 0, $1) > (times[$1] ?? 0, $0) }
        }
        let slice = PageSlice(context.request.query["page"], size: Self.pageSize, total: found.count)
        let shown = Array(found[slice.range])
        if !isNewest { times = try await Self.times(of: shown, in: repository, registry) }
        let reader = TagReader(repository: repository, registry: registry, context: context, names: Set(all))
        var rows: [TagRow] = []
        for tag in shown { rows.append(try await reader.row(for: tag, at: times[tag])) }
        let order = isNewest ? "" : "name"
        self.base = links.base
        self.name = name
        self.link = links.repository(name)
        self.query = query
        self.summary =
            query.isEmpty
            ? PageFormat.count(all.count, "tag")
            : "\(found.count) of \(PageFormat.count(all.count, "tag"))"
        self.notice = context.request.query["deleted"].map { "Deleted: \(PageFormat.cut($0, to: 200))" }
        self.newestLink = links.repository(name, [("q", query)])
        self.nameLink = links.repository(name, [("q", query), ("order", "name")])
        self.isNewest = isNewest
        self.hasRows = !rows.isEmpty
        self.rows = rows
        self.pages = slice.position { links.repository(name, [("q", query), ("order", order), ("page", $0)]) }
    }

    private static func times(
        of tags: [String],
        in repository: EventRepository,
        _ registry: Registry
    ) async throws -> [String: Int64] {
        let times = try await registry.times(ofTags: tags, in: repository)
        return Dictionary(uniqueKeysWithValues: zip(tags, times).compactMap { tag, time in time.map { (tag, $0) } })
    }
}

/// A tag in the list.
struct TagRow: Sendable {
    let tag: String
    let link: String
    let chips: [Chip]
    let problem: String?
    /// The beginning of the manifest's digest.
    let digest: String?
    /// The beginning of the id under which v1 clients see it.
    let v1Image: String?
    let platforms: [String]
    let size: String
    let created: String
    let pushed: String
    /// Who pushed it, and with what.
    let pusher: String?
}

/// Reads the rows of a repository's list.
struct TagReader: Sendable {
    let repository: EventRepository
    let registry: Registry
    let context: PageContext
    /// All tags of the repository, some of which are signatures of others.
    let names: Set<String>

    private static let platformLimit = 6

    func row(for tag: String, at time: Int64?) async throws -> TagRow {
        let summary = try await registry.summary(ofTag: tag, in: repository)
        let digest = summary.manifest?.digest
        var chips: [Chip] = []
        if summary.manifest == nil, summary.image != nil { chips.append(Chip(text: "v1 only", tone: "warn")) }
        if let digest { chips += try await referrerChips(of: digest) }
        let platforms = summary.platforms.map(\.description)
        let rest = platforms.count - Self.platformLimit
        return TagRow(
            tag: tag,
            link: context.links.image(repository.description, tag: tag),
            chips: chips,
            problem: summary.problem,
            digest: digest.map { PageFormat.short($0.description) },
            v1Image: summary.image.map { PageFormat.short($0) },
            platforms: platforms.prefix(Self.platformLimit).map { PageFormat.cut($0, to: 64) }
                + (rest > 0 ? ["+\(rest)"] : []),
            size: summary.byteCount.map(PageFormat.bytes) ?? "",
            created: PageFormat.time(stated: summary.created) ?? "",
            pushed: time.map { PageFormat.time(nanoseconds: $0) } ?? "",
            pusher: try await pusher(of: tag)
        )
    }

    /// Whether an image is signed, and how many other manifests refer to it.
    func referrerChips(of digest: Digest) async throws -> [Chip] {
        guard let name = repository.v2 else { return [] }
        let referrers = try await registry.referrers.list(of: digest, in: name)
        let prefix = "\(digest.algorithm.rawValue)-\(digest.hex)"
        let signatures = referrers.count { Self.isSignature($0.artifactType) }
        var chips: [Chip] = []
        if signatures > 0 || names.contains(prefix + ".sig") { chips.append(Chip(text: "signed", tone: "good")) }
        let others = referrers.count - signatures
        if others > 0 { chips.append(Chip(text: PageFormat.count(others, "referrer"))) }
        return chips
    }

    /// Whether an artifact type is that of signatures: cosign's or Notation's.
    static func isSignature(_ type: String?) -> Bool {
        guard let type = type?.lowercased() else { return false }
        return ["cosign", "sigstore", "notary", "signature"].contains { type.contains($0) }
    }

    /// Who pushed it and with what, as far as is known. Names of users are shown to those who have signed in.
    func pusher(of tag: String) async throws -> String? {
        if let push = registry.tagPushes.push(of: tag, in: repository) {
            let user = push.user.flatMap { context.user == nil ? nil : "by \($0)" }
            return [user, push.client.map { "with \($0)" }].compactMap(\.self).joined(separator: " ")
        }
        guard let name = repository.v1, let record = try await registry.v1Repositories.pushRecord(of: tag, in: name),
            let version = record["docker_version"]?.string
        else { return nil }
        return "with docker/\(PageFormat.cut(version, to: 40))"
    }
}
