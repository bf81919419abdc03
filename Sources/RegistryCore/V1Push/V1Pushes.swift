package import ImageModel
package import NIOCore
import Storage
import SystemLibraries

/// Pushes of v1 images: a JSON, a layer, and the checksum that completes the image.
///
/// An image is unfinished while `_inprogress` exists beside it, and any client may restart it. The order of requests
/// and the files are docker-registry's, except that a layer is kept separately until its checksum arrives: no push can
/// spoil another, wherever it is interrupted. Content from a caller with restricted read access is only paired with
/// content from the same caller.
package struct V1Pushes: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    let locks = KeyedLocks<V1ImageID>()
    let ledger = PushLedger()
    /// Limits the JSON bytes of images that are completed at once: each completion holds several copies.
    private let completions = ByteTurns(byteLimit: 4 << 20)
    let candidates: PushCandidates
    private let pairs: PushedPairs
    private let open: OpenPushes
    private let completion: V1Completion
    private let projections: Projections
    private let converter: Converter
    private let named: NamedImages
    private let claims: PossessionProofs
    private let pushers: ImagePushers
    private let begun: BegunImages
    private let events: RegistryEvents

    init(
        parts: RegistryParts,
        projections: Projections,
        converter: Converter,
        named: NamedImages,
        claims: PossessionProofs,
        limits: LayerLimits,
        begunLimit: Int
    ) {
        self.events = parts.events
        self.begun = BegunImages(limit: begunLimit)
        self.named = named
        self.claims = claims
        self.pushers = parts.pushers
        self.storage = parts.storage
        self.tree = parts.tree
        self.candidates = PushCandidates(tree: parts.tree, ledger: ledger, limits: limits)
        self.pairs = PushedPairs(candidates: candidates, limits: limits)
        self.open = OpenPushes(storage: parts.storage)
        self.completion = V1Completion(parts: parts)
        self.projections = projections
        self.converter = converter
    }

    /// Begins or restarts an image with its JSON.
    ///
    /// Also starts hashing the layers of its ancestors, which the client believes it has already pushed, if that was
    /// never done.
    ///
    /// - Parameter pusher: The caller; nil if it has unrestricted read access.
    package func begin(_ id: V1ImageID, json: ByteBuffer, by pusher: ImagePusher? = nil) async throws(RegistryError) {
        try await RegistryError.translating {
            let image = try await HeavyWork.parsing(json.readableBytes) { try parse(json, for: id) }
            if let parent = image.parent { try await requireParent(parent, by: pusher) }
            if let pusher, try await claims.concerns(id, by: pusher) {
                return await claims.begin(id, json: json, by: pusher)
            }
            // An unfinished push may be completed, even if the image has arrived through v2 since.
            let files = try await storage.attributes(of: [V1Layout.inProgress(id), V1Layout.json(id)])
            if files[0] == nil, try await projections.locate(id) != nil {
                throw RegistryError.v1(.imageExists(id))
            }
            if files[1] == nil, let abandoned = try await begun.begin(id) { try await remove(abandoned) }
            try await locks.withLock(id) {
                let isUnfinished = try await tree.isInProgress(id)
                let present = try await storedJSON(of: id, isUnfinished: isUnfinished)
                if present != nil, !isUnfinished { throw RegistryError.v1(.imageExists(id)) }
                let ancestry = try await completion.ancestry(of: image)
                let place = PushPlace(id, pusher)
                if pusher != nil { try await candidates.begin(json, at: place) }
                // A caller with restricted read access may not replace what is in the tree.
                if pusher == nil || present == nil {
                    if let present, present != json { try await candidates.keep(json: present, at: place) }
                    // Made durable with the checksum: until then the client does not consider the image pushed.
                    var batch = WriteBatch()
                    // docker-registry writes a word and never reads it. An empty file occupies no block.
                    batch.put(ByteBuffer(), at: V1Layout.inProgress(id), as: .cache)
                    batch.discard(V1Layout.checksum(id))
                    batch.put(json, at: V1Layout.json(id), as: .cache)
                    batch.put(ByteBuffer(bytes: ancestry), at: V1Layout.ancestry(id), as: .cache)
                    try await completion.commit(batch, below: image.parent)
                }
                if isUnfinished { try await open.add(to: id) }
            }
            if let parent = image.parent { await converter.prepare(parent) }
        }
    }

    /// Removes an image that was begun, unless it is complete.
    private func remove(_ id: V1ImageID) async throws {
        try await locks.withLock(id) {
            guard try await tree.isInProgress(id) else { return }
            try await candidates.forget(id)
            try await storage.removeAll(below: V1Layout.image(id))
        }
    }

    /// The JSON in the tree. If the image is unfinished, a JSON that was emptied by a power loss counts as missing.
    private func storedJSON(of id: V1ImageID, isUnfinished: Bool) async throws -> ByteBuffer? {
        do {
            return try await tree.json(id)
        } catch StorageError.unreadable where isUnfinished {
            return nil
        }
    }

    /// Receives the layer of an image whose JSON was pushed.
    ///
    /// If another push completed the image after this one began, the layer is read and discarded.
    package func receive<Body: AsyncSequence & Sendable>(
        layer body: Body,
        of id: V1ImageID,
        by pusher: ImagePusher? = nil
    ) async throws(RegistryError) where Body.Element == ByteBuffer {
        try await RegistryError.translating {
            if let pusher, await claims.isOpen(id, by: pusher) {
                return try await claims.receive(layer: body, of: id, by: pusher)
            }
            if let pusher { try await refuseUnlessBegun(id, by: pusher) }
            let progress = try await tree.progress(of: id)
            guard progress.jsonByteCount != nil else { throw RegistryError.imageUnknown(id) }
            guard progress.isUnfinished else {
                guard try await open.isLeftOver(id) else { throw RegistryError.v1(.imageExists(id)) }
                for try await _ in body {}
                return
            }
            let place = PushPlace(id, pusher)
            guard let (scan, json) = try await candidates.scan(at: place) else { throw RegistryError.imageUnknown(id) }
            try await candidates.receive(body, at: place, scan, json: json)
            // Another push completed the image while this layer was arriving.
            if try await !tree.isInProgress(id) { try await candidates.removeAll(of: id) }
            await saveSoon()
        }
    }

    /// Completes an image with the JSON and layer that match `checksum`, durably.
    package func complete(_ id: V1ImageID, _ checksum: PushChecksum, by pusher: ImagePusher? = nil)
        async throws(RegistryError)
    {
        try await RegistryError.translating {
            try pairs.requireNamed(checksum)
            if let pusher, await claims.isOpen(id, by: pusher) {
                return try await claims.complete(id, checksum, by: pusher)
            }
            if let pusher { try await refuseUnlessBegun(id, by: pusher) }
            guard let byteCount = try await tree.progress(of: id).jsonByteCount else {
                throw RegistryError.imageUnknown(id)
            }
            try await completions.perform(Int(clamping: byteCount)) {
                try await completeInTurn(id, checksum, by: pusher)
            }
        }
    }

    private func completeInTurn(_ id: V1ImageID, _ checksum: PushChecksum, by pusher: ImagePusher?) async throws {
        try await locks.withLock(id) {
            guard try await tree.isInProgress(id) else {
                guard let left = try await open.endLeftOver(id) else {
                    throw RegistryError.v1(.checksumNotExpected(id))
                }
                if left == 0 { try await candidates.forget(id) }
                return
            }
            let place = PushPlace(id, pusher)
            guard let pair = try await pairs.pair(for: checksum, at: place) else {
                throw RegistryError.v1(.checksumMismatch(id))
            }
            // The access rules may have changed since the push began.
            if let pusher, let parent = try V1Image(parsing: pair.json).parent {
                try await requireParent(parent, by: pusher)
            }
            // Content from other pushes is no longer needed, but the count of leftover pushes may be.
            var others = WriteBatch()
            if let pusher { pushers.note(pusher, of: id, &others) }
            let isLeftOver = try await open.complete(id, &others)
            if isLeftOver {
                for key in try await candidates.parts(of: id) { others.discard(key) }
            } else {
                // Contents before their directory, which then need not be listed.
                others.discard(OwnLayout.pushedLayers(at: place))
                others.discard(OwnLayout.push(id))
            }
            do {
                try await completion.complete(pair, with: others)
                events.publish(RegistryEvent(.imageCompleted(id), in: nil))
                await begun.end(id)
            } catch {
                // The staged bytes may already have been moved: the client has to push them again.
                await ledger.forget(pair.layer.key, at: place)
                throw error
            }
            await ledger.forgetAll(of: id)
            try await completion.note(pair)
        }
    }

    private func parse(_ json: ByteBuffer, for id: V1ImageID) throws -> V1Image {
        guard json.isUTF8 else { throw RegistryError.v1(.malformedImageJSON) }
        let image: V1Image
        do {
            image = try V1Image(parsing: Array(buffer: json))
        } catch {
            switch error {
            case .notJSON, .notAnObject: throw RegistryError.v1(.malformedImageJSON)
            case .noID:
                let isEmpty = try JSONText(parsing: json.readableBytesView).members?.isEmpty
                throw RegistryError.v1(isEmpty == true ? .malformedImageJSON : .imageIDMissing)
            case .malformedID: throw RegistryError.v1(.imageIDMismatch)
            case .malformedParent: throw RegistryError.v1(.parentUnknown)
            }
        }
        guard image.id == id else { throw RegistryError.v1(.imageIDMismatch) }
        return image
    }

    /// For a caller who cannot read it, an image exists only if the caller began to push it while it was unfinished.
    private func refuseUnlessBegun(_ id: V1ImageID, by pusher: ImagePusher) async throws {
        let isUnfinished = try await tree.isInProgress(id)
        if try await candidates.json(at: PushPlace(id, pusher)) != nil {
            if isUnfinished { return }
            if try await open.isLeftOver(id) { return }
        }
        if isUnfinished { throw RegistryError.imageUnknown(id) }
        if try await claims.concerns(id, by: pusher) { throw RegistryError.imageUnknown(id) }
    }

    /// Ensures that a parent is in the tree. An image that was pushed through v2 is written there for its child.
    private func requireParent(_ parent: V1ImageID, by pusher: ImagePusher?) async throws {
        if let pusher {
            do { return try await named.require(parent, by: pusher) } catch RegistryError.imageUnknown {
                throw RegistryError.v1(.parentUnknown)
            }
        }
        guard try await projections.materialize(parent) else { throw RegistryError.v1(.parentUnknown) }
    }
}
