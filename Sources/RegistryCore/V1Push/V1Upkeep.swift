import ImageModel
import Logging
package import Storage

/// Background maintenance of a v1 tree.
package struct V1Upkeep: Sendable {
    private let tree: V1Tree
    private let bridge: TagBridge
    private let pushes: V1Pushes
    private let isBackground: Bool
    private let logger: Logger
    private let damage: DamageLog

    /// Whether everything may be converted in the background: blobs become hard links, and 5 % of space and inodes are
    /// free.
    package static func isSafe(_ traits: FileSystemTraits) -> Bool {
        func isRoomy(_ capacity: FileSystemTraits.Capacity?) -> Bool {
            capacity.map { $0.free >= $0.total / 20 } ?? true
        }
        return traits.hasHardLinks && isRoomy(traits.bytes) && isRoomy(traits.inodes)
    }

    init(tree: V1Tree, bridge: TagBridge, pushes: V1Pushes, isBackground: Bool, logger: Logger, damage: DamageLog) {
        self.tree = tree
        self.bridge = bridge
        self.pushes = pushes
        self.isBackground = isBackground
        self.logger = logger
        self.damage = damage
    }

    /// Converts every tag that v2 does not have yet, one repository at a time, if background conversion is on.
    ///
    /// A repository that cannot be read now is converted on request.
    package func convertAll() async throws {
        guard isBackground else { return }
        for v1Name in try await tree.repositories(damage: damage) {
            try Task.checkCancellation()
            guard let name = try? v1Name.v2Name else { continue }
            do {
                try await bridge.convertPendingTags(name)
            } catch let error as StorageError {
                logger.warning(
                    "cannot convert repository now",
                    metadata: ["repository": "\(name)", "error": "\(error)"]
                )
            }
        }
    }

    /// Warns about repositories marked private for docker-registry. It left enforcement to an index; here only access
    /// rules count.
    package func reportPrivate() async throws {
        var names: [V1RepositoryName] = []
        for name in try await tree.repositories(damage: damage) where try await tree.isPrivate(name) {
            names.append(name)
        }
        guard !names.isEmpty else { return }
        logger.warning(
            "repositories are marked private in the v1 tree, which has no effect: access rules decide",
            metadata: ["count": "\(names.count)", "repositories": "\(names.prefix(20).map(\.description))"]
        )
    }

    /// Removes what was pushed for unfinished v1 images that were idle for a week.
    package func sweep() async throws { try await pushes.removeAbandoned() }

    /// Writes what was received and is only in memory to the storage. To be called when the server has stopped.
    package func save() async throws { try await pushes.save() }
}
