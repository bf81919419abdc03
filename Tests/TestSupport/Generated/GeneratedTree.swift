package import Foundation
package import ImageModel

/// A v1 tree on disk generated from a seed: shared bases, chains on them, tags, and some damaged images, with each
/// ``DamageCase`` in turn.
package struct GeneratedTree {
    /// The size of a tree.
    package struct Size: Sendable {
        /// The approximate number of images.
        package let imageCount: Int
        /// The approximate size of all layers.
        package let byteCount: Int

        /// One in this many images is damaged.
        package let damageInterval: Int

        package init(imageCount: Int, byteCount: Int, damageInterval: Int = 20) {
            self.imageCount = imageCount
            self.byteCount = byteCount
            self.damageInterval = damageInterval
        }
    }

    /// A damage case and its place.
    package struct Damage: Sendable {
        package let kind: DamageCase
        /// The v1 repository with the damage.
        package let repository: String
        /// The names a report may use for it.
        package let subjects: Set<String>
    }

    /// The directory of the tree.
    package let root: URL
    /// The sound tags, as `repository:tag` in v1, and their images.
    package private(set) var soundTags: [String: V1ImageID] = [:]
    /// All damage in the tree.
    package private(set) var damages: [Damage] = []
    /// The total size of all layers.
    package private(set) var layerByteCount = 0

    let seed: UInt64
    private var generator: SeededGenerator
    private let fragments: LayerFragments
    private let bytesPerUnit: Double
    private var imageCount = 0
    private var bases: [V1ImageID] = []

    /// Writes a tree into a directory.
    package init(at root: URL, _ size: Size, seed: UInt64) throws {
        self.root = root
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        let isLarge = size.byteCount > 100_000_000
        fragments = try LayerFragments(
            count: isLarge ? 480 : 16,
            sizes: isLarge ? 0...9 : 1...4,
            &generator
        )
        // Sizes are drawn in units, of which an image has this many on average.
        bytesPerUnit = Double(size.byteCount) / (Double(size.imageCount) * 0.625)
        for name in ["images", "repositories"] {
            try FileManager.default.createDirectory(at: root.appending(path: name), withIntermediateDirectories: true)
        }
        let damagedCount = size.imageCount / size.damageInterval
        let baseCount = max(min(4, size.imageCount / 10), size.imageCount / 50)
        for number in 0..<baseCount {
            let base = try addImage(units: Double.random(in: 5...11, using: &generator), below: [])
            bases.append(base)
            try tag("v\(number)", base, in: "library/base")
        }
        while imageCount < size.imageCount - damagedCount { try addChain() }
        for number in 0..<damagedCount {
            try addDamage(DamageCase.allCases[number % DamageCase.allCases.count], number)
        }
    }

    /// Adds some images on a base, the last of which have tags.
    private mutating func addChain() throws {
        guard let base = bases.randomElement(using: &generator) else { return }
        var chain = [base]
        for _ in 0..<Int.random(in: 3...9, using: &generator) {
            chain.insert(try addImage(units: drawnUnits(), below: chain), at: 0)
        }
        let name = "team\(imageCount % 17)/app\(imageCount % 101)"
        try tag("v\(imageCount)", chain[0], in: name)
        if chain.count > 4 { try tag("v\(imageCount)-build", chain[2], in: name) }
    }

    /// Many layers contain next to nothing, some contain programs, few are as large as a base.
    private mutating func drawnUnits() -> Double {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<30: 0
        case 30..<70: Double.random(in: 0.01...0.2, using: &generator)
        case 70..<95: Double.random(in: 0.2...1.6, using: &generator)
        default: Double.random(in: 2...5, using: &generator)
        }
    }

    private mutating func addImage(units: Double, below ancestors: [V1ImageID]) throws -> V1ImageID {
        try add(units: units, below: ancestors).id
    }

    private mutating func add(units: Double, below ancestors: [V1ImageID]) throws -> GeneratedImage {
        let image = try GeneratedImage(imageCount, seed: seed, below: ancestors, in: root)
        imageCount += 1
        let pieces = try fragments.layer(
            named: "etc/\(image.id.description.prefix(12))",
            byteCount: Int(units * bytesPerUnit),
            &generator
        )
        layerByteCount += try image.write(pieces)
        return image
    }

    private mutating func tag(_ tag: String, _ image: V1ImageID, in name: String) throws {
        try GeneratedRepository(name, in: root).tag(tag, image)
        soundTags["\(name):\(tag)"] = image
    }

    /// Adds an image with its own tag, on a shared base, with the damage.
    private mutating func addDamage(_ kind: DamageCase, _ number: Int) throws {
        let base = bases.randomElement(using: &generator).map { [$0] } ?? []
        let units = Double.random(in: 0.05...0.6, using: &generator)
        let middle = kind == .midgone ? try add(units: units, below: base) : nil
        let image = try add(units: units, below: (middle.map { [$0.id] } ?? []) + base)
        let label = kind.rawValue.split(separator: "/").last.map { String($0.prefix(12)) } ?? ""
        let repository = try GeneratedRepository("damaged/\(label)-\(number)", in: root)
        try repository.tag("latest", image.id)
        let others = try kind.apply(to: image, on: middle, in: repository, root: root)
        let subjects = ["repository \(repository.name)", "image \(image.id)"] + others
        damages.append(Damage(kind: kind, repository: repository.name, subjects: Set(subjects)))
    }
}
