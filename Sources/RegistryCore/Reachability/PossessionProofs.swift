import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Pushes of images that already exist, but in repositories that the caller may not read.
///
/// The caller must not learn that the image exists, and an image in two repositories is stored once. So the push is
/// accepted like any other, its bytes are compared with the stored ones and discarded, and a caller who uploads
/// identical bytes has proven possession.
actor PossessionProofs {
    private struct PendingProof {
        let json: ByteBuffer
        var last = ContinuousClock.now
        /// The number of layers still arriving.
        var arrivingCount = 0
        var layer: StoredBytesFacts?
        var facts: LayerFacts?

        /// Notes that a layer has arrived, or that it never will. The push may have been restarted since.
        mutating func endLayer() {
            arrivingCount = max(0, arrivingCount - 1)
            last = .now
        }
    }

    private struct Key: Hashable {
        let user: String
        let image: V1ImageID
    }

    /// The maximum number of pushes per user, and the maximum size of their JSONs in memory. Beyond it, the user's
    /// oldest pushes must restart. None is refused: a refusal would reveal which images exist.
    private static let countLimit = 64
    private static let byteLimit = 8 << 20
    /// How long an idle push is remembered.
    private static let lifetime = Duration.seconds(3600)

    private let tree: V1Tree
    private let holders: ImageReachability
    private let pushers: ImagePushers
    private let projections: Projections
    private let limits: LayerLimits
    private var claims: [Key: PendingProof] = [:]

    init(parts: RegistryParts, holders: ImageReachability, projections: Projections, limits: LayerLimits) {
        self.limits = limits
        self.projections = projections
        self.tree = parts.tree
        self.holders = holders
        self.pushers = parts.pushers
    }

    /// Whether a push needs a proof of possession: the image is complete or a projection, and the caller can neither
    /// read it nor has pushed it.
    func concerns(_ id: V1ImageID, by pusher: ImagePusher) async throws -> Bool {
        guard try await tree.hasJSON(id) else {
            guard try await projections.locate(id) != nil else { return false }
            return try await holders.access(to: id, among: pusher.isReadable) == nil
        }
        if try await tree.isInProgress(id) { return false }
        if try await pushers.contains(pusher, of: id) { return false }
        return try await holders.access(to: id, among: pusher.isReadable)?.source != .tree
    }

    /// Begins a push with its JSON, which was validated like any other.
    func begin(_ id: V1ImageID, json: ByteBuffer, by pusher: ImagePusher) {
        claims[Key(user: pusher.user, image: id)] = PendingProof(json: json)
        claims = claims.filter { $0.value.arrivingCount > 0 || .now - $0.value.last < Self.lifetime }
        var byteCount = 0
        let own = claims.filter { $0.key.user == pusher.user }.sorted { $0.value.last > $1.value.last }
        for (index, claim) in own.enumerated() {
            byteCount += claim.value.json.readableBytes
            if index >= Self.countLimit || byteCount > Self.byteLimit { claims[claim.key] = nil }
        }
    }

    /// Whether the caller has begun such a push.
    func isOpen(_ id: V1ImageID, by pusher: ImagePusher) -> Bool {
        claims[Key(user: pusher.user, image: id)] != nil
    }

    /// Reads a layer and keeps its digests.
    func receive<Body: AsyncSequence & Sendable>(
        layer body: Body,
        of id: V1ImageID,
        by pusher: ImagePusher
    ) async throws where Body.Element == ByteBuffer {
        let key = Key(user: pusher.user, image: id)
        guard let claim = claims[key] else { throw RegistryError.imageUnknown(id) }
        claims[key]?.arrivingCount += 1
        defer { claims[key]?.endLayer() }
        let scan = LayerScan(v1ImageJSON: Array(buffer: claim.json), limits: limits.arriving)
        for try await bytes in body { try await scan.take(bytes) }
        claims[key]?.layer = scan.storedBytes
        claims[key]?.facts = Self.facts(of: scan)
    }

    /// Ends the push: a caller who uploaded the same JSON and the same layer may refer to the image.
    ///
    /// - Throws: ``V1Refusal/checksumMismatch(_:)`` if anything differs.
    func complete(_ id: V1ImageID, _ checksum: PushChecksum, by pusher: ImagePusher) async throws {
        let key = Key(user: pusher.user, image: id)
        guard let claim = claims[key], let layer = claim.layer, let payload = layer.payloadChecksum,
            checksum.isFromOldClient || payload.description == checksum.payload, try await isSame(claim, as: id)
        else { throw RegistryError.v1(.checksumMismatch(id)) }
        // A projection must be in the tree before anything there refers to it.
        _ = try await projections.materialize(id)
        try await pushers.note(pusher, of: id)
        claims[key] = nil
    }

    /// Whether the upload has the stored content. Engines compress a layer on each push, so its bytes may differ.
    private func isSame(_ claim: PendingProof, as id: V1ImageID) async throws -> Bool {
        guard let stored = try await stored(id), stored.json == claim.json, let reader = stored.layer else {
            return false
        }
        let scan = LayerScan(limits: limits)
        try await scan.read(reader)
        if scan.storedBytes.digest == claim.layer?.digest { return true }
        guard let facts = Self.facts(of: scan), let brought = claim.facts else { return false }
        return facts.diffID == brought.diffID
    }

    private func stored(_ id: V1ImageID) async throws -> (json: ByteBuffer, layer: (any ObjectReader)?)? {
        if let json = try await tree.json(id) { return (json, try await tree.openLayer(id)) }
        guard let lineage = try await projections.lineage(of: id), let image = lineage.images.last else { return nil }
        return (ByteBuffer(bytes: image.json), try await projections.openLayer(of: image, in: lineage.repository))
    }

    /// Nil for bytes that are not a valid layer.
    private static func facts(of scan: LayerScan) -> LayerFacts? {
        do { return try scan.finish() } catch { return nil }
    }
}
