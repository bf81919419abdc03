package import ImageModel
import RegistryCore
import Storage

/// What a migration is going to do, made before it does anything.
package struct MigrationPlan: Sendable {
    /// A number of layers and their bytes.
    package struct Amount: Sendable, Equatable {
        package private(set) var layerCount = 0
        package private(set) var byteCount: Int64 = 0

        mutating func add(_ bytes: Int64) {
            layerCount += 1
            byteCount = byteCount.clampedAdding(bytes)
        }
    }

    /// The layers that are to be read, the largest first.
    package let layers: [V1ImageID]
    /// What is to be read and hashed.
    package private(set) var toHash = Amount()
    /// What was imported before.
    package private(set) var known = Amount()
    /// What is to become a hard link.
    package private(set) var toLink = Amount()
    /// What is to be copied, by the reason why it cannot be linked.
    package private(set) var toCopy: [String: Amount] = [:]
    /// What is to be sent, less what turns out to be there already.
    package private(set) var toSend = Amount()
    /// What is to be fetched from a registry.
    package private(set) var toFetch = Amount()

    /// What is to be copied, for whatever reason.
    package var byteCountToCopy: Int64 { toCopy.values.map(\.byteCount).clampedSum }

    /// Plans the import of all images of a survey.
    ///
    /// - Parameters:
    ///   - isRemote: Whether layers are fetched first, so that none of them can be linked.
    ///   - obstacle: Why nothing can be linked at all, as was found by trying; nil when links work.
    init(
        _ survey: TreeSurvey,
        _ transfer: BlobTransfer,
        policy: LayerImportPolicy,
        isRemote: Bool,
        obstacle: CopyReason?,
        now: Int64
    ) {
        let unknown = survey.images.filter { !$0.value.isKnown }
        self.layers = unknown.sorted { ($0.value.byteCount, $0.key) > ($1.value.byteCount, $1.key) }.map(\.key)
        for image in survey.images.values where image.isKnown { known.add(image.byteCount) }
        for image in unknown.values {
            toHash.add(image.byteCount)
            if isRemote { toFetch.add(image.byteCount) }
            if transfer == .send {
                toSend.add(image.byteCount)
            } else if isRemote {
                toCopy["they are fetched from a registry", default: Amount()].add(image.byteCount)
            } else if let reason = Self.reason(for: image, policy, obstacle, now) {
                toCopy[reason, default: Amount()].add(image.byteCount)
            } else {
                toLink.add(image.byteCount)
            }
        }
    }

    private static func reason(
        for image: SurveyedImage,
        _ policy: LayerImportPolicy,
        _ obstacle: CopyReason?,
        _ now: Int64
    ) -> String? {
        if let obstacle { return obstacle.description }
        switch policy.linkPolicy(modified: image.modified, isInProgress: image.isInProgress, now: now) {
        case .hardLink: return nil
        case .copy:
            return image.isInProgress
                ? "their push never ended, so that the old registry may still write to them"
                : "they changed within the last hour, and the old registry may still write to them (--source-idle says that it does not)"
        }
    }
}
