package import ImageModel
import NIOCore
import Storage

/// Finds a repository through which a caller may read a v1 image: v1 requests an image without naming its repository.
///
/// The index of the images of all tags is in memory, built when a caller with restricted read access first requests an
/// image. Changes by this server show at once; those by other programs when a requested image is not found and the
/// index is over a minute old. A tag that is found is checked once more before it counts.
package actor ImageReachability {
    /// How old the index must be for a missing image to trigger a new scan of the repositories.
    private static let lifetime = Duration.seconds(60)

    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let bridge: TagBridge
    private let projections: Projections
    private let links: TagLinks
    private let recent: RecentStorage
    private let changes = PendingChanges<V1RepositoryName>()
    private let damage: DamageLog
    private var index = ReachabilityIndex()
    private var survey: Task<Void, any Error>?
    private var surveyedAt: ContinuousClock.Instant?

    init(
        parts: RegistryParts,
        recent: RecentStorage,
        bridge: TagBridge,
        projections: Projections,
        damage: DamageLog
    ) {
        self.damage = damage
        self.storage = parts.storage
        self.tree = parts.tree
        self.bridge = bridge
        self.projections = projections
        self.links = parts.tags
        self.recent = recent
        parts.events.subscribe { [changes] event in
            if event.isOfTags, let name = event.repository?.v1 { changes.note(name) }
        }
    }

    /// Why a caller may see an image; nil if it may not.
    ///
    /// - Parameter isReadable: Whether the caller may read a repository, given its v1 name.
    package func access(
        to id: V1ImageID,
        among isReadable: @Sendable (V1RepositoryName) -> Bool
    ) async throws(RegistryError) -> ImageAccess? {
        try await RegistryError.translating {
            if surveyedAt == nil { try await surveyAll() }
            try await lookAtChanges()
            if let access = try await known(id, isReadable) { return access }
            if let surveyedAt, ContinuousClock.now - surveyedAt > Self.lifetime {
                try await surveyAll()
                return try await known(id, isReadable)
            }
            return nil
        }
    }

    private func lookAtChanges() async throws {
        var names = changes.takeAll()
        while let name = names.first {
            do { try await look(at: name) } catch {
                // Keep them for when the storage is readable again.
                for name in names { changes.note(name) }
                throw error
            }
            names.remove(name)
        }
    }

    private func known(_ id: V1ImageID, _ isReadable: (V1RepositoryName) -> Bool) async throws -> ImageAccess? {
        var projected: ImageAccess?
        for holder in index.holders(of: id, in: isReadable) {
            let found = try await damage.unlessDamaged(holder.tag, in: holder.repository.description) {
                try await isCurrent(holder, of: id) ? try await access(to: id, by: holder) : nil
            }
            switch found {
            case let access? where access.source == .tree: return access
            case let access: projected = projected ?? access
            }
        }
        return projected
    }

    /// Whether a tag is what it was when it was indexed. If not, its repository is indexed again.
    private func isCurrent(_ holder: ReachabilityIndex.ReferringTag, of id: V1ImageID) async throws -> Bool {
        if try await bridge.holding(of: holder.tag, in: holder.repository) == holder.holding { return true }
        try await look(at: holder.repository)
        return index.holders(of: id) { $0 == holder.repository }.contains(holder)
    }

    private func access(to id: V1ImageID, by holder: ReachabilityIndex.ReferringTag) async throws -> ImageAccess? {
        switch holder.holding {
        case .stored: return ImageAccess(source: .tree)
        case .projected(let manifest):
            guard let name = try? holder.repository.v2Name else { return nil }
            let place = ProjectionIndex.Place(name: name, manifest: manifest)
            guard let image = try await projections.lineage(of: id, in: place)?.images.last else { return nil }
            let isStored = try await projections.isStored(image)
            return ImageAccess(source: isStored ? .tree : .projection(place))
        }
    }

    private func surveyAll() async throws {
        let task = survey ?? Task { try await lookAtAll() }
        survey = task
        defer { survey = nil }
        try await task.value
    }

    private func lookAtAll() async throws {
        var names = Set(try await tree.repositories(damage: damage))
        for name in try await links.repositories(recent, damage: damage) {
            if let v1Name = V1RepositoryName(name) { names.insert(v1Name) }
        }
        for name in names.union(index.names) {
            do { try await look(at: name) } catch let error as StorageError where error.isOfOneObject {
                damage.note(error, of: "repository", in: name.description)
                // An unreadable repository counts as empty for now.
                index.set(name, tags: [:], images: [:])
            }
        }
        surveyedAt = .now
    }

    private func look(at name: V1RepositoryName) async throws {
        var tags = try await bridge.holdings(in: name)
        let known = index.tags(of: name)
        var images: [String: [V1ImageID]] = [:]
        for (tag, holding) in tags where known[tag] != holding {
            images[tag] = try await damage.unlessDamaged(tag, in: name.description) {
                try await self.images(holding, name)
            }
            if images[tag] == nil { tags[tag] = nil }
        }
        index.set(name, tags: tags, images: images)
    }

    private func images(_ holding: TagTarget, _ name: V1RepositoryName) async throws -> [V1ImageID] {
        switch holding {
        case .stored(let id): return try await tree.lineage(of: id)
        case .projected(let manifest):
            guard let name = try? name.v2Name else { return [] }
            return try await projections.images(of: .init(name: name, manifest: manifest))
        }
    }
}

extension V1Tree {
    /// The ids of a stored image and its ancestors, as far as the tree has them.
    fileprivate func lineage(of id: V1ImageID) async throws -> [V1ImageID] {
        let stored = try await DocumentScope.reading { () -> V1Ancestry? in
            guard let bytes = try await ancestry(id) else { return nil }
            return await HeavyWork.parsing(bytes.readableBytes) { try? V1Ancestry(parsing: Array(buffer: bytes)) }
        }
        if let stored, stored.ids.first == id { return stored.ids }
        do {
            return try await V1Chain(of: id, in: self, checkingAncestry: false).images.map(\.id)
        } catch is DamagedImage {
            return [id]
        }
    }
}

/// Why a caller may see an image, and where its content is read from.
///
/// An id names one image in the tree, but anyone can push a manifest whose projection has an id of their choice. A
/// caller who can read only that repository sees the projection under the id, not the tree's image.
package struct ImageAccess: Sendable, Equatable {
    enum Source: Sendable, Equatable {
        /// A readable repository refers to the tree's image of that id.
        case tree
        /// A readable repository has a manifest whose projection has that id.
        case projection(ProjectionIndex.Place)
        /// The caller may read everything: look in the tree first, then in any repository.
        case anywhere
    }

    let source: Source

    /// Whether the tree's image of that id may be read.
    package var isThroughTree: Bool {
        switch source {
        case .tree, .anywhere: true
        case .projection: false
        }
    }

    /// The access of callers with unrestricted read access.
    package static let anywhere = ImageAccess(source: .anywhere)
}
