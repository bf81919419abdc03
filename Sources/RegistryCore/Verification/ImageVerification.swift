import ImageModel
import NIOCore
import Storage

/// A v1 image as a verification found it.
struct VerifiedImage: Sendable {
    /// Its parent; nil for a base, and if the JSON is damaged.
    var parent: V1ImageID?
    /// Whether it has a valid JSON.
    var hasJSON = false
    /// Whether its push has not ended: then nothing about it is damage.
    var isUnfinished = false
    /// Whether it has a checksum. A tree that was assembled by hand has neither checksums nor ancestries.
    var hasChecksum = false
}

/// The v1 images that a verification has seen.
struct ImageTable: Sendable {
    var images: [V1ImageID: VerifiedImage] = [:]
    /// The images that tags reach.
    private(set) var reached: Set<V1ImageID> = []

    /// An image's id, its parent's, and so on, as far as the images are known, and whether the last is a base.
    func chain(of id: V1ImageID) -> (ids: [V1ImageID], isComplete: Bool) {
        var ids: [V1ImageID] = []
        var next: V1ImageID? = id
        while let current = next, ids.count < V1Chain.lengthLimit {
            guard let image = images[current], image.hasJSON else { return (ids, false) }
            ids.append(current)
            next = image.parent
        }
        return (ids, next == nil)
    }

    /// Whether an image is its own ancestor.
    func isItsOwnAncestor(_ id: V1ImageID) -> Bool {
        var next = images[id]?.parent
        for _ in 0..<V1Chain.lengthLimit {
            guard let current = next else { return false }
            if current == id { return true }
            next = images[current]?.parent
        }
        return false
    }

    /// Notes that a tag points to an image.
    mutating func reach(_ id: V1ImageID) {
        var next: V1ImageID? = id
        while let current = next, reached.insert(current).inserted { next = images[current]?.parent }
    }
}

/// Verifies the documents of v1 images: JSON and ancestry.
struct ImageVerification: Sendable {
    let context: VerificationContext
    private(set) var table = ImageTable()

    init(_ context: VerificationContext) { self.context = context }

    private var storage: any ObjectStorage { context.storage }

    /// Verifies all images.
    mutating func run() async throws {
        let ids = try await storage.list(V1Layout.images).compactMap { try? V1ImageID(parsing: $0.name) }
        let (context, walk) = (context, context.walk)
        var count = 0
        try await walk.inSteps(ids) { some in
            try await context.confirm { try await self.checkJSONs(Array(some)) }
            count += some.count
            context.progress.reach(count, of: ids.count * 2)
        }
        try await walk.inSteps(table.images.keys.sorted()) { some in
            try await context.confirm { try await checkAncestries(Array(some)) }
            count += some.count
            context.progress.reach(count, of: ids.count * 2)
        }
    }

    /// Notes that a tag points to an image.
    mutating func reach(_ id: V1ImageID) { table.reach(id) }

    private mutating func checkJSONs(_ ids: [V1ImageID]) async throws -> [DamageFinding] {
        var present: [(V1ImageID, ObjectKey)] = []
        for id in ids {
            let keys = [
                V1Layout.json(id), V1Layout.layer(id), V1Layout.ancestry(id), V1Layout.checksum(id),
                V1Layout.inProgress(id),
            ]
            let files = try await context.walk.attributes(of: keys)
            table.images[id] = nil
            // Empty directories are left by deletions.
            guard files.contains(where: { $0 != nil }) else { continue }
            table.images[id] = VerifiedImage(isUnfinished: files[4] != nil, hasChecksum: files[3] != nil)
            present.append((id, keys[0]))
        }
        var found: [DamageFinding] = []
        try await context.documents(present) { id, result in
            let key = V1Layout.json(id)
            var finding: DamageFinding?
            switch result {
            case .failure(let error): finding = context.unreadable(key, error, as: .damagedJSON)
            case .success(nil): finding = DamageFinding(.damagedJSON, key, "the image has no json")
            case .success(let bytes?):
                do throws(MalformedV1Image) {
                    let image = try V1Image(parsing: Array(buffer: bytes))
                    if image.id == id {
                        table.images[id]?.parent = image.parent
                        table.images[id]?.hasJSON = true
                    } else {
                        finding = DamageFinding(.damagedJSON, key, "it is that of image \(image.id)")
                    }
                } catch {
                    finding = DamageFinding(.damagedJSON, key, "\(error)")
                }
            }
            if let finding, table.images[id]?.isUnfinished == false { found.append(finding) }
        }
        return found
    }

    private func checkAncestries(_ ids: [V1ImageID]) async throws -> [DamageFinding] {
        let whole = ids.filter { id in table.images[id].map { $0.hasJSON && !$0.isUnfinished } ?? false }
        var found: [DamageFinding] = []
        for id in whole {
            if let parent = table.images[id]?.parent, table.images[parent] == nil,
                try await storage.attributes(of: V1Layout.json(parent)) == nil
            {
                let detail = "image \(id) names it as its parent, and it is not in the tree"
                found.append(DamageFinding(.missingParent, V1Layout.image(parent), detail))
            } else if table.isItsOwnAncestor(id) {
                found.append(DamageFinding(.missingParent, V1Layout.json(id), "the image is its own ancestor"))
            }
        }
        try await context.documents(whole.map { ($0, V1Layout.ancestry($0)) }) { id, result in
            let key = V1Layout.ancestry(id)
            switch result {
            case .failure(let error): found.append(context.unreadable(key, error, as: .damagedAncestry))
            case .success(nil):
                guard table.images[id]?.hasChecksum == true else { break }
                found.append(DamageFinding(.damagedAncestry, key, "it is missing"))
            case .success(let bytes?):
                if let fault = fault(of: bytes, for: id) { found.append(DamageFinding(.damagedAncestry, key, fault)) }
            }
        }
        return found
    }

    /// Why bytes are not the ancestry of an image; nil if they are.
    private func fault(of bytes: ByteBuffer, for id: V1ImageID) -> String? {
        let ancestry: V1Ancestry
        do { ancestry = try V1Ancestry(parsing: Array(buffer: bytes)) } catch { return "\(error)" }
        guard !table.isItsOwnAncestor(id) else { return nil }
        let (ids, isComplete) = table.chain(of: id)
        let isRight = isComplete ? ancestry.ids == ids : ancestry.ids.starts(with: ids)
        return isRight ? nil : "it contradicts the parents that the images name"
    }
}
