import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Pushes of images that are there already, by somebody who may not read them: another repository's.
///
/// The client is to learn nothing of that; and an image that two have is stored once. So the push is taken like any other, its
/// bytes are compared with what is stored and dropped, and a caller who uploads identical bytes has proven possession.
actor PossessionProofs {
    private struct PendingProof {
        let json: ByteBuffer
        var last = ContinuousClock.now
        /// How many layers are arriving.
        var arrivingCount = 0
        var layer: StoredBytesFacts?
        var facts: LayerFacts?

        /// A layer has arrived, or will not. The push may have begun anew since.
        mutating func endLayer() {
            arrivingCount = max(0, arrivingCount - 1)
            last = .now
        }
    }

    private struct Key: Hashable {
        let user: String
        let image: V1ImageID
    }

    /// How many pushes of one user are known at once, and how many bytes their JSONs may have in memory; of more, the user's
    /// oldest begin anew. None is refused: that would tell which images are there.
    private static let countLimit = 64
    private static let byteLimit = 8 << 20
    /// How long a push is known that nobody goes on with.
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

    /// Whether somebody's push of an image is one of these: the image is complete, or a projection, and they can neither
    /// read it nor have pushed it.
    func concerns(_ id: V1ImageID, by pusher: ImagePusher) async throws -> Bool {
        guard try await tree.hasJSON(id) else {
            guard try await projections.locate(id) != nil else { return false }
            return try await holders.access(to: id, among: pusher.isReadable) == nil
        }
        if try await tree.isInProgress(id) { return false }
        if try await pushers.contains(pusher, of: id) { return false }
        return try await holders.access(to: id, among: pusher.isReadable)?.source != .tree
    }

    /// Takes the JSON, which was looked at like any other.
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

    /// Whether such a push has begun.
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

    /// Ends the push: a caller who brought the same JSON and the same layer may name the image.
    ///
    /// - Throws: ``V1Refusal/checksumMismatch(_:)`` for anything else.
    func complete(_ id: V1ImageID, _ checksum: PushChecksum, by pusher: ImagePusher) async throws {
        let key = Key(user: pusher.user, image: id)
        guard let claim = claims[key], let layer = claim.layer, let payload = layer.payloadChecksum,
            checksum.isFromOldClient || payload.description == checksum.payload, try await isSame(claim, as: id)
        else { throw RegistryError.v1(.checksumMismatch(id)) }
        // A projection must be in the tree before anything there can name it.
        _ = try await projections.materialize(id)
        try await pushers.note(pusher, of: id)
        claims[key] = nil
    }

    /// Engines compress a layer each time that they push it: the same layer may have other bytes.
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

    /// Nil for bytes that are no layer.
    private static func facts(of scan: LayerScan) -> LayerFacts? {
        do { return try scan.finish() } catch { return nil }
    }
}
