import ImageModel
import Storage

/// Sums up what was found.
extension UsageScan {
    /// The usage, with up to `layerLimit` blobs and layers.
    func summary(layerLimit: Int) async throws -> StorageUsage {
        var sizes = sizes
        var images: [V1ImageID: Set<UInt32>] = [:]
        for (id, image) in self.images {
            var content = Set(([image.layer] + image.digests.map { blobs[$0] }).compactMap(\.self))
            if image.others.count > 0 {
                content.insert(UInt32(truncatingIfNeeded: sizes.count))
                sizes.append(image.others.byteCount)
            }
            images[id] = content
        }
        let names = repositories.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var held: [[UInt32]] = []
        for name in names { held.append(try await content(of: name, images).sorted()) }
        return summary(names, held, sizes, of: Self.union(images), layerLimit: layerLimit)
    }

    /// Everything that a repository has.
    private func content(of name: String, _ images: [V1ImageID: Set<UInt32>]) async throws -> Set<UInt32> {
        guard let holdings = repositories[name] else { return [] }
        let derived = holdings.digests.compactMap { recompressions[$0] }
        var content = Set((holdings.digests + derived).compactMap { blobs[$0] })
        for image in holdings.images {
            for id in try await lineage(of: image) { content.formUnion(images[id] ?? []) }
        }
        return content
    }

    /// A v1 image and its ancestors.
    private func lineage(of image: V1ImageID) async throws -> [V1ImageID] {
        if let ids = try await walk.storage.listedAncestry(of: image) { return ids }
        do {
            let chain = try await V1Chain(of: image, in: V1Tree(storage: walk.storage), checkingAncestry: false)
            return chain.images.map(\.id)
        } catch is DamagedImage {
            return [image]
        }
    }

    /// - Parameters:
    ///   - held: The content of each repository in `names`.
    ///   - imageContent: The content of v1 images.
    private func summary(
        _ names: [String],
        _ held: [[UInt32]],
        _ sizes: [Int64],
        of imageContent: Set<UInt32>,
        layerLimit: Int
    ) -> StorageUsage {
        var holderCounts = [UInt32](repeating: 0, count: sizes.count)
        for number in held.joined() { holderCounts[Int(number)] += 1 }
        var usage = StorageUsage()
        (usage.records, usage.total) = (records, total)
        for (number, (byteCount, holderCount)) in zip(sizes, holderCounts).enumerated() {
            switch holderCount {
            case 0 where imageContent.contains(UInt32(number)): usage.untagged.add(byteCount)
            case 0: usage.unlinked.add(byteCount)
            case 1: usage.own.add(byteCount)
            default: usage.shared.add(byteCount)
            }
        }
        for (name, content) in zip(names, held) {
            var repository = StorageUsage.Repository(name: name)
            if let uploads = repositories[name]?.uploads, uploads.count > 0 {
                repository.ownByteCount = uploads.byteCount
                usage.own.add(uploads)
            }
            for number in content {
                let byteCount = sizes[Int(number)]
                if holderCounts[Int(number)] == 1 {
                    repository.ownByteCount = repository.ownByteCount.clampedAdding(byteCount)
                } else {
                    repository.sharedByteCount = repository.sharedByteCount.clampedAdding(byteCount)
                }
            }
            usage.repositories.append(repository)
        }
        usage.layers = layers(names, held, limit: layerLimit)
        return usage
    }

    /// The largest content with the repositories that have it.
    private func layers(_ names: [String], _ held: [[UInt32]], limit: Int) -> [StorageUsage.Layer] {
        guard limit > 0 else { return [] }
        let largest = Array(sizes.indices.sorted { sizes[$0] > sizes[$1] }.prefix(limit))
        let wanted = Set(largest.map { UInt32($0) })
        var holders: [UInt32: [String]] = [:]
        for (name, content) in zip(names, held) {
            for number in content where wanted.contains(number) { holders[number, default: []].append(name) }
        }
        var texts: [UInt32: String] = [:]
        for (id, image) in images {
            if let layer = image.layer, wanted.contains(layer) { texts[layer] = id.description }
        }
        for (digest, number) in blobs where wanted.contains(number) {
            guard let digest = table.digest(Int(digest)) else { continue }
            // A blob with digests of several algorithms is stored under its SHA-256.
            if digest.algorithm == .sha256 || texts[number] == nil { texts[number] = digest.description }
        }
        return largest.compactMap { number in
            texts[UInt32(number)].map { name in
                StorageUsage.Layer(
                    name: name,
                    byteCount: sizes[number],
                    repositories: holders[UInt32(number)] ?? []
                )
            }
        }
    }

    private static func union(_ images: [V1ImageID: Set<UInt32>]) -> Set<UInt32> {
        images.values.reduce(into: []) { $0.formUnion($1) }
    }
}
