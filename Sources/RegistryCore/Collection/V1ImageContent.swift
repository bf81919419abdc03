import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// v1 images in the collection protocol, which identifies content by digest: their ids are not digests.
extension V1ImageID {
    /// The digest that represents the image in the collection protocol.
    var content: Digest { Digest(.sha256, of: Array("v1 image \(self)".utf8)) }
}

extension V1Layout {
    /// The image and file name of a key `images/ID/NAME`; nil for other keys.
    static func imageFile(_ key: ObjectKey) -> (id: V1ImageID, name: String)? {
        let parts = key.description.split(separator: "/")
        guard parts.count == 3, parts[0] == images.description[...], let id = try? V1ImageID(parsing: parts[1]) else {
            return nil
        }
        return (id, String(parts[2]))
    }

    /// Whether a key is the file of a v1 tag: `repositories/NAMESPACE/REPOSITORY/tag_TAG`.
    static func isTag(_ key: ObjectKey) -> Bool {
        key.description.hasPrefix(repositories.description + "/") && key.name.hasPrefix(tagPrefix)
    }
}

extension ObjectStorage {
    /// An image of the v1 tree and its ancestors, as listed in its ancestry file; nil if that is missing or damaged.
    func listedAncestry(of id: V1ImageID) async throws(StorageError) -> [V1ImageID]? {
        do {
            guard let bytes = try await read(V1Layout.ancestry(id), limit: SmallFile.documentLimit) else { return nil }
            let ids = (try? V1Ancestry(parsing: Array(buffer: bytes)))?.ids
            return ids?.first == id ? ids : nil
        } catch {
            if error.isOfOneObject { return nil }
            throw error
        }
    }
}

/// Finds the v1 images to keep: those that a tag reaches, and those that a push may be about to tag.
struct V1ImageMark: Sendable {
    let walk: CollectionWalk
    let policy: CollectionPolicy
    /// The storage's time, in nanoseconds since 1970.
    let now: Int64
    /// The content that announced writes name.
    let announced: Set<Digest>

    /// How long to keep an image whose push has not ended.
    private static let unfinishedAge = Duration.seconds(7 * 86_400)

    /// The images that nothing reaches.
    ///
    /// - Throws: ``CollectionRefusal/unreadableV1(_:)`` if a tag or an ancestry cannot be read.
    func unreached() async throws -> [V1ImageID] {
        let ids = try await walk.storage.list(V1Layout.images).compactMap { try? V1ImageID(parsing: $0.name) }
        var reached: Set<V1ImageID> = []
        for id in try await tagged() { try await reach(id, &reached) }
        for id in try await pushedParents() { try await reach(id, &reached) }
        for id in ids where !reached.contains(id) {
            if announced.contains(id.content) {
                try await reach(id, &reached)
            } else if try await isYoung(id) {
                try await reach(id, &reached)
            }
        }
        return ids.filter { !reached.contains($0) }
    }

    private func isYoung(_ id: V1ImageID) async throws -> Bool {
        let keys = [
            V1Layout.inProgress(id), V1Layout.json(id), V1Layout.checksum(id), V1Layout.ancestry(id),
        ]
        let files = try await walk.attributes(of: keys)
        let age = files[0] == nil ? policy.grace : max(policy.grace, Self.unfinishedAge)
        return files.contains { file in
            file.map { WallClock.age(of: $0.modified, now: now) < age.nanoseconds } ?? false
        }
    }

    /// The parents in the JSONs of pushes in progress that are kept apart from the tree.
    private func pushedParents() async throws -> Set<V1ImageID> {
        var parents: Set<V1ImageID> = []
        for push in try await walk.storage.list(OwnLayout.pushes) where push.isDirectory {
            let key = OwnLayout.pushes.appending(push.name)
            for part in try await walk.storage.list(key) {
                let partKey = key.appending(part.name)
                var documents: [ObjectKey] = []
                if part.isDirectory, part.name.hasPrefix("json") {
                    documents = try await walk.storage.list(partKey).map { partKey.appending($0.name) }
                } else if part.name.hasPrefix("current-") {
                    documents = [partKey]
                }
                for document in documents {
                    guard let bytes = try await walk.storage.readNote(document, limit: SmallFile.documentLimit),
                        let parent = try? V1Image(parsing: Array(buffer: bytes)).parent
                    else { continue }
                    parents.insert(parent)
                }
            }
        }
        return parents
    }

    private func reach(_ id: V1ImageID, _ reached: inout Set<V1ImageID>) async throws {
        guard !reached.contains(id) else { return }
        if let ids = try await walk.storage.listedAncestry(of: id) {
            reached.formUnion(ids)
            return
        }
        reached.insert(id)
        do {
            let chain = try await V1Chain(of: id, in: V1Tree(storage: walk.storage), checkingAncestry: false)
            reached.formUnion(chain.images.map(\.id))
        } catch let damage as DamagedImage {
            // A missing image needs nothing.
            if damage.image == id, damage.fault == .missing { return }
            throw CollectionRefusal.unreadableV1(V1Layout.ancestry(id))
        }
    }

    private func tagged() async throws -> Set<V1ImageID> {
        var tagged: Set<V1ImageID> = []
        for namespace in try await walk.storage.list(V1Layout.repositories) where namespace.isDirectory {
            let namespaceKey = V1Layout.repositories.appending(namespace.name)
            for repository in try await walk.storage.list(namespaceKey) where repository.isDirectory {
                let key = namespaceKey.appending(repository.name)
                for file in try await walk.storage.list(key) where file.name.hasPrefix(V1Layout.tagPrefix) {
                    let tag = key.appending(file.name)
                    guard let bytes = try await walk.storage.readNote(tag, limit: 256) else { continue }
                    if let id = V1Tag(content: Array(buffer: bytes), modified: 0).image {
                        tagged.insert(id)
                    } else if !file.name.hasSuffix("_json") {
                        // docker-registry's metadata file of a tag `_x` has the same name as the file of a tag
                        // `x_json`.
                        throw CollectionRefusal.unreadableV1(tag)
                    }
                }
            }
        }
        return tagged
    }
}
