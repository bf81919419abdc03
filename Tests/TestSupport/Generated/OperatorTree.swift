package import Foundation
import ImageModel

/// A realistic v1 tree generated from a seed: hundreds of repositories, few large bases, chains of small layers on
/// them, several tags in each repository, and no record of who pushed them. Nothing in it is damaged.
package struct OperatorTree {
    /// The size of a tree.
    package struct Size: Sendable {
        /// The number of repositories.
        package let repositoryCount: Int
        /// The number of layers, at least three per repository.
        package let layerCount: Int
        /// The number of tags, at most three per repository.
        package let tagCount: Int
        /// The approximate size of all layers.
        package let byteCount: Int

        package init(repositoryCount: Int, layerCount: Int, tagCount: Int, byteCount: Int) {
            self.repositoryCount = repositoryCount
            self.layerCount = layerCount
            self.tagCount = tagCount
            self.byteCount = byteCount
        }

        /// The size of an actual operator's tree: 2,390 layers, 2,053 tags, 508 MB.
        package static let shown = Size(
            repositoryCount: 701,
            layerCount: 2390,
            tagCount: 2053,
            byteCount: 508_000_000
        )
        /// A small version.
        package static let small = Size(repositoryCount: 12, layerCount: 42, tagCount: 35, byteCount: 1_000_000)
    }

    /// The directory of the tree.
    package let root: URL
    /// The number of tags.
    package private(set) var tagCount = 0
    /// The total size of all layers.
    package private(set) var layerByteCount = 0

    private let seed: UInt64
    private let fragments: LayerFragments
    private var generator: SeededGenerator
    private var imageCount = 0

    /// Writes a tree into a directory.
    package init(at root: URL, _ size: Size, seed: UInt64) throws {
        self.root = root
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        let isLarge = size.byteCount > 100_000_000
        fragments = try LayerFragments(count: isLarge ? 240 : 16, sizes: isLarge ? 0...8 : 1...3, &generator)
        for name in ["images", "repositories"] {
            try FileManager.default.createDirectory(at: root.appending(path: name), withIntermediateDirectories: true)
        }
        // Bases make up about two thirds of all bytes.
        let baseCount = max(2, size.layerCount / 100)
        let bases = try (0..<baseCount).map { _ in
            try add(byteCount: size.byteCount * 2 / 3 / baseCount, below: [])
        }
        let rest = size.layerCount - baseCount
        for number in 0..<size.repositoryCount {
            let share = rest * (number + 1) / size.repositoryCount - rest * number / size.repositoryCount
            let tags = size.tagCount * (number + 1) / size.repositoryCount - tagCount
            try addRepository(
                number,
                layerCount: share,
                tagCount: tags,
                byteCount: size.byteCount / 3 / size.repositoryCount,
                on: bases[number % baseCount]
            )
        }
    }

    /// Adds a chain on a base, with a tag for each of its last images.
    private mutating func addRepository(
        _ number: Int,
        layerCount: Int,
        tagCount: Int,
        byteCount: Int,
        on base: V1ImageID
    ) throws {
        let repository = try GeneratedRepository("team\(number % 37)/app\(number)", in: root)
        var chain = [base]
        for index in 0..<layerCount {
            // One layer contains the application, the others next to nothing.
            chain.insert(try add(byteCount: index == 0 ? byteCount : 600, below: chain), at: 0)
        }
        for tag in 0..<tagCount {
            try repository.put(chain[min(tag, chain.count - 1)].description, as: "tag_v\(tag)")
            self.tagCount += 1
        }
    }

    private mutating func add(byteCount: Int, below ancestors: [V1ImageID]) throws -> V1ImageID {
        let image = try GeneratedImage(imageCount, seed: seed, below: ancestors, in: root)
        imageCount += 1
        let name = "etc/\(image.id.description.prefix(12))"
        layerByteCount += try image.write(try fragments.layer(named: name, byteCount: byteCount, &generator))
        return image.id
    }
}
