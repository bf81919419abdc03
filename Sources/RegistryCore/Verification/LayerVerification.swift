import ImageModel
import Storage

/// Verifies the layers of v1 images against their checksums.
struct LayerVerification: Sendable {
    let context: VerificationContext
    let known: KnownContent
    let table: ImageTable

    private var storage: any ObjectStorage { context.storage }

    /// Verifies all layers, several at a time, and returns their number.
    func run() async throws -> Int {
        let position = ScrubPosition(context, of: "layers")
        let all = table.images.filter { !$0.value.isUnfinished }.keys.sorted()
        let ids = try await position.beginning(all, \.description)
        try await checkUnfinished()
        var count = 0
        try await context.walk.inSteps(ids) { some in
            try await Array(some).forEachInParallel(width: context.options.width) { id in
                for finding in try await check(id) { context.list.add(finding) }
            } progress: { begun in
                context.progress.reach(count + begun, of: ids.count)
            }
            count += some.count
            if let last = some.last { try await position.reach(last.description) }
        }
        return ids.count
    }

    /// An unfinished image with a checksum, but without a layer or a JSON, is one that a repair marked: a push removes
    /// the checksum when it begins.
    private func checkUnfinished() async throws {
        let ids = table.images.filter { $0.value.isUnfinished }.keys.sorted()
        try await context.walk.inSteps(ids) { some in
            for id in some {
                let keys = [V1Layout.layer(id), V1Layout.json(id), V1Layout.checksum(id)]
                let areThere = try await storage.exist(keys)
                guard areThere[2] else { continue }
                let detail = "the image waits for a new push"
                if !areThere[0] { context.list.add(DamageFinding(.missingLayer, keys[0], detail)) }
                if !areThere[1] { context.list.add(DamageFinding(.damagedJSON, keys[1], detail)) }
            }
        }
    }

    /// The damage of one image's layer and checksum.
    func check(_ id: V1ImageID) async throws -> [DamageFinding] {
        let key = V1Layout.layer(id)
        let evidence = try await LayerEvidence(of: id, hasJSON: table.images[id]?.hasJSON ?? false, in: context)
        var document: DamageFinding?
        if let error = evidence.checksumError {
            document = context.unreadable(V1Layout.checksum(id), error, as: .damagedChecksum)
        } else if evidence.isChecksumMalformed {
            document = DamageFinding(.damagedChecksum, V1Layout.checksum(id), "it does not contain a checksum")
        }
        let verdict = try await context.hasher.verdict(on: key, after: evidence.payloadPrefix) { content in
            switch try await evidence.judge(content, in: context) {
            case .sound: return true
            case .damaged: return false
            case .wrongChecksum(let reason):
                document = DamageFinding(.damagedChecksum, V1Layout.checksum(id), reason)
                return true
            case .wrongJSON:
                let detail = "it is not the json that was verified with the layer"
                document = DamageFinding(.damagedJSON, V1Layout.json(id), detail)
                return true
            }
        }
        // A new push of the image makes it unfinished.
        guard try await storage.attributes(of: V1Layout.inProgress(id)) == nil else { return [] }
        var found = [document].compactMap(\.self)
        switch verdict {
        case .sound(let content):
            known.note(content.digest, of: content.file.version)
            known.note(content.digest, ofLayer: id)
        case .damaged(let content):
            known.note(content.digest, of: content.file.version)
            // It may have been replaced after it was read.
            guard try await storage.attributes(of: key)?.version == content.file.version else { break }
            found.append(DamageFinding(.damagedLayer, key, evidence.fault(of: content)))
        case .absent:
            // A process that died while writing a v2 image into the tree left only its documents.
            guard evidence.hasChecksum || table.reached.contains(id) else { break }
            found.append(DamageFinding(.missingLayer, key, "the image has no layer"))
        case .unreadable(let reason): found.append(DamageFinding(.unreadable, key, reason))
        }
        if !found.isEmpty { known.note(damaged: id) }
        return found
    }
}
