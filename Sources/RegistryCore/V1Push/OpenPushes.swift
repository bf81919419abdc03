import ImageModel
import NIOCore
import Storage

/// How many pushes of each image have begun and not ended.
///
/// Requests carry no session. So a push is counted from its JSON to its checksum; of two daemons that push one image,
/// the one that comes second to its checksum has a push left over, and finishes it without effect. The count outlives
/// the process. No file holds it where the image says it: one push while it is unfinished, none once it is complete.
///
/// Every change is made under the image's lock.
struct OpenPushes: Sendable {
    let storage: any ObjectStorage

    /// How long pushes that are left over are known after an image was completed, in nanoseconds: an hour.
    static let lifetime: Int64 = 3600 * 1_000_000_000

    /// Another push of an unfinished image begins.
    func add(to id: V1ImageID) async throws { try await write(try await count(of: id) ?? 1, plus: 1, of: id) }

    /// Adds to `batch` that the push that completes the image ends; answers whether others are left over.
    func complete(_ id: V1ImageID, _ batch: inout WriteBatch) async throws -> Bool {
        let left = (try await count(of: id) ?? 1) - 1
        if left > 0 { batch.put(ByteBuffer(string: "\(left)"), at: OwnLayout.openPushes(of: id)) }
        return left > 0
    }

    /// Whether there is a push of a complete image that began before it was complete.
    func isLeftOver(_ id: V1ImageID) async throws -> Bool { try await leftOver(id) > 0 }

    /// One of the pushes that were left over ends; nil when there is none, else how many there are still.
    func endLeftOver(_ id: V1ImageID) async throws -> Int? {
        let count = try await leftOver(id)
        guard count > 0 else { return nil }
        if count > 1 { try await write(count, plus: -1, of: id) }
        return count - 1
    }

    private func leftOver(_ id: V1ImageID) async throws -> Int {
        guard let attributes = try await storage.attributes(of: OwnLayout.openPushes(of: id)),
            WallClock.age(of: attributes.modified) < Self.lifetime
        else { return 0 }
        return try await count(of: id) ?? 0
    }

    /// The count in the file. Not a number of pushes: the file is damaged, treat it as missing.
    private func count(of id: V1ImageID) async throws -> Int? {
        let text = try await storage.readNote(OwnLayout.openPushes(of: id), limit: 64)
        return text.flatMap { Int(String(buffer: $0)) }.flatMap { $0 > 0 ? min($0, Self.limit) : nil }
    }

    private func write(_ count: Int, plus change: Int, of id: V1ImageID) async throws {
        try await storage.write(ByteBuffer(string: "\(count + change)"), to: OwnLayout.openPushes(of: id))
    }

    /// More than so many daemons do not push one image at once.
    private static let limit = 1_000_000
}

/// The images that v1 clients have begun since the server started, and not ended: each is files in the tree.
actor BegunImages {
    private var uses: LimitedUses<V1ImageID>

    /// - Parameter limit: The most images at once.
    init(limit: Int) { uses = LimitedUses(limit: limit) }

    /// An image that was not there before is begun.
    ///
    /// - Returns: An image that has to go, to make room for it: nobody has gone on with it for the longest time.
    /// - Throws: ``RegistryError/unavailable(reason:)`` when somebody may be at work on all that there are.
    func begin(_ id: V1ImageID) throws -> V1ImageID? {
        let displaced = uses.contains(id) ? nil : try uses.displaced("pushes of v1 images")
        if let displaced { uses.remove(displaced) }
        uses.note(id)
        return displaced
    }

    /// An image is complete, or gone.
    func end(_ id: V1ImageID) { uses.remove(id) }
}
