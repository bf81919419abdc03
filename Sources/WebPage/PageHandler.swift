import ImageModel
import NIOCore
import RegistryCore
import RegistryHTTP

/// Shows pages.
struct PageHandler: Sendable {
    let visit: Visit

    private var context: PageContext { visit.context }
    private var registry: Registry { visit.page.registry }

    func show() async throws -> RegistryResponse {
        switch visit.route {
        case .signIn:
            return visit.session == nil && visit.page.access.hasPasswords
                ? visit.signIn() : PageResponse.redirect(to: visit.links.returnPath(visit.request.query["next"]))
        case .repositories:
            guard context.caller.mayList || !visit.offersSignIn else { return visit.signIn() }
            return visit.html("Repositories", try await RepositoryListView(registry, context))
        case .repository(let name):
            let repository = try visit.repository(name)
            return visit.html(name, try await RepositoryView(repository, registry, context))
        case .image(let name):
            let parts = try await image(of: try visit.repository(name))
            return visit.html(parts.heading, ImageView(parts, context))
        case .document(let name): return try await document(of: try visit.repository(name))
        case .delete(let name): return try await deletion(in: try visit.repository(name))
        case .operators(let page):
            try visit.requireOperator()
            return try await OperatorHandler(visit: visit).show(page)
        case .signOut, .unknown, .root, .stylesheet, .icon: throw PageProblem.unknown("There is no such page.")
        }
    }

    private func image(of repository: EventRepository) async throws -> ImageParts {
        let reader = ImageReader(repository: repository, registry: registry, context: context)
        if let tag = context.request.query["tag"] { return try await reader.image(tag: tag) }
        return try await reader.image(digest: try digest())
    }

    private func digest() throws(PageProblem) -> Digest {
        guard let text = context.request.query["digest"], let digest = try? Digest(parsing: text) else {
            throw .unknown("This page needs a tag or a digest.")
        }
        return digest
    }

    private func document(of repository: EventRepository) async throws -> RegistryResponse {
        if let text = context.request.query["image"] {
            let mayPull: @Sendable (V1RepositoryName) -> Bool = { context.caller.may(.pull, $0.description) }
            guard let id = try? V1ImageID(parsing: text),
                let access = try await registry.holders.access(to: id, among: mayPull)
            else { throw PageProblem.unknown("There is no such image, or you may not see it.") }
            return PageResponse.document(try await registry.v1Images.image(id, by: access).json)
        }
        guard let name = repository.v2 else { throw PageProblem.unknown("There is no such document.") }
        let digest = try digest()
        do {
            return PageResponse.document(ByteBuffer(bytes: try await registry.storedManifest(digest, in: name).bytes))
        } catch RegistryError.manifestUnknown {
            guard let bytes = try await registry.document(digest, in: name) else {
                throw PageProblem.unknown("There is no such document, or it is too large to be shown.")
            }
            return PageResponse.document(bytes)
        }
    }

    private func deletion(in repository: EventRepository) async throws -> RegistryResponse {
        let name = repository.description
        guard context.mayDelete(name) else {
            throw PageProblem.forbidden("You may not delete from \(name), or deletes are turned off.")
        }
        let request = context.request
        if let tag = request.query["tag"] {
            guard try await registry.tagNames(in: repository).contains(tag) else {
                throw PageProblem.unknown("There is no tag \(tag) in \(name).")
            }
            return visit.html("Delete \(tag)", DeletionView(tag: tag, in: name, context))
        }
        let digest = try digest()
        var others: [String] = []
        for tag in try await registry.tagNames(in: repository).prefix(DeletionView.tagLimit) {
            let summary = try await registry.summary(ofTag: tag, in: repository)
            if summary.manifest?.digest == digest { others.append(tag) }
        }
        return visit.html("Delete a manifest", DeletionView(digest, tags: others, in: name, context))
    }
}

/// The question before a deletion.
struct DeletionView: PageView {
    static let template = "deletion"

    /// The most tags that are looked at for a manifest's own.
    static let tagLimit = 500

    let base: String
    let name: String
    let repositoryLink: String
    let title: String
    let question: String
    let tag: String?
    let digest: String?
    let others: String?
    let action: String
    let cancelLink: String
    let token: String

    init(tag: String, in name: String, _ context: PageContext) {
        base = context.links.base
        self.name = name
        repositoryLink = context.links.repository(name)
        title = "Delete a tag?"
        question = "The tag is deleted in both protocols. Its image stays until garbage is collected."
        self.tag = tag
        digest = nil
        others = nil
        action = context.links.delete(name, tag: tag)
        cancelLink = context.links.image(name, tag: tag)
        token = context.token
    }

    init(_ digest: Digest, tags: [String], in name: String, _ context: PageContext) {
        base = context.links.base
        self.name = name
        repositoryLink = context.links.repository(name)
        title = "Delete a manifest?"
        question = "The manifest is deleted from this repository, and every tag that points to it."
        tag = nil
        self.digest = digest.description
        others = tags.isEmpty ? nil : PageFormat.cut(tags.joined(separator: ", "), to: 1000)
        action = context.links.delete(name, digest: digest.description)
        cancelLink = context.links.image(name, digest: digest.description)
        token = context.token
    }
}
