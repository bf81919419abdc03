package import ImageModel
import RegistryCore
import Storage

/// The plan of a migration, made before anything is written.
package struct MigrationPlan: Sendable {
    /// A number of layers and their total size.
    package struct Amount: Sendable, Equatable {
        /// The number of layers.
        package private(set) var layerCount = 0
        /// Their total size in bytes.
        package private(set) var byteCount: Int64 = 0

        mutating func add(_ bytes: Int64) {
            layerCount += 1
            byteCount = byteCount.clampedAdding(bytes)
        }
    }

    /// The layers to read, largest first.
    package let layers: [V1ImageID]
    /// Layers to read and hash.
    package private(set) var toHash = Amount()
    /// Layers imported by an earlier run.
    package private(set) var known = Amount()
    /// Layers to hard-link.
    package private(set) var toLink = Amount()
    /// Layers to copy, by the reason they cannot be linked.
    package private(set) var toCopy: [String: Amount] = [:]
    /// Layers to send, unless they turn out to exist already.
    package private(set) var toSend = Amount()
    /// Layers to fetch from a registry.
    package private(set) var toFetch = Amount()

    /// The total size of the layers to copy.
    package var byteCountToCopy: Int64 { toCopy.values.map(\.byteCount).clampedSum }

    /// Plans the import of all images of a survey.
    ///
    /// - Parameters:
    ///   - isRemote: Whether layers have to be fetched first, so none of them can be linked.
    ///   - obstacle: Why no layer can be linked, found by trying; nil when links work.
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
                ? "their push never ended, so the old registry may still write to them"
                : "they changed within the last hour, so the old registry may still write to them (see --source-idle)"
        }
    }
}
