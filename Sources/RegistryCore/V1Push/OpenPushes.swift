import ImageModel
import NIOCore
import Storage

/// Counts the pushes of each image that have begun and not ended.
///
/// v1 requests carry no session, so a push is counted from its JSON to its checksum. If two daemons push one image, the
/// second to send its checksum has a leftover push, which ends without effect. The count survives a restart. Without a
/// file, the image implies the count: one push while it is unfinished, none once it is complete.
///
/// Every change is made under the image's lock.
struct OpenPushes: Sendable {
    let storage: any ObjectStorage

    /// How long leftover pushes are remembered after an image is completed, in nanoseconds: one hour.
    static let lifetime: Int64 = 3600 * 1_000_000_000

    /// Counts another push of an unfinished image.
    func add(to id: V1ImageID) async throws { try await write(try await count(of: id) ?? 1, plus: 1, of: id) }

    /// Adds the end of the completing push to `batch`. Returns whether other pushes are left over.
    func complete(_ id: V1ImageID, _ batch: inout WriteBatch) async throws -> Bool {
        let left = (try await count(of: id) ?? 1) - 1
        if left > 0 { batch.put(ByteBuffer(string: "\(left)"), at: OwnLayout.openPushes(of: id)) }
        return left > 0
    }

    /// Whether a push of a complete image began before it was completed.
    func isLeftOver(_ id: V1ImageID) async throws -> Bool { try await leftOver(id) > 0 }

    /// Ends a leftover push. Returns how many remain, or nil if there was none.
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

    /// The count in the file. A damaged file counts as missing.
    private func count(of id: V1ImageID) async throws -> Int? {
        let text = try await storage.readNote(OwnLayout.openPushes(of: id), limit: 64)
        return text.flatMap { Int(String(buffer: $0)) }.flatMap { $0 > 0 ? min($0, Self.limit) : nil }
    }

    private func write(_ count: Int, plus change: Int, of id: V1ImageID) async throws {
        try await storage.write(ByteBuffer(string: "\(count + change)"), to: OwnLayout.openPushes(of: id))
    }

    /// A plausible maximum of daemons that push one image at once.
    private static let limit = 1_000_000
}

/// Images that v1 clients have begun since the server started and not completed. Each occupies files in the tree.
actor BegunImages {
    private var uses: LimitedUses<V1ImageID>

    /// - Parameter limit: The maximum number of images.
    init(limit: Int) { uses = LimitedUses(limit: limit) }

    /// Notes that a new image was begun.
    ///
    /// - Returns: An image to remove to make room: the one that was idle the longest.
    /// - Throws: ``RegistryError/unavailable(reason:)`` if all images may still be in use.
    func begin(_ id: V1ImageID) throws -> V1ImageID? {
        let displaced = uses.contains(id) ? nil : try uses.displaced("pushes of v1 images")
        if let displaced { uses.remove(displaced) }
        uses.note(id)
        return displaced
    }

    /// Notes that an image was completed or removed.
    func end(_ id: V1ImageID) { uses.remove(id) }
}
