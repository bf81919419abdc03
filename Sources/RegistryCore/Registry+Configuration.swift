package import SystemLibraries

extension Registry {
    /// The operator's settings.
    package struct Configuration: Sendable {
        /// The maximum number of v1 layers read at once.
        package var conversionConcurrency: Int
        /// The settings for v1 clients and v1 trees.
        package var v1: V1Settings
        /// The settings for clients that do not accept the stored formats.
        package var compatibility: CompatibilitySettings
        /// Which manifests of an index must exist before the index is accepted.
        package var indexCompleteness: IndexCompleteness
        /// How long cached observations of the storage are used, and so the maximum delay until changes by another
        /// process are seen. Nil for the storage's default (``RecentStorage/window(for:)``).
        package var window: Duration?
        /// The maximum number of v2 uploads in progress.
        package var uploadLimit = 10_000
        /// The maximum number of images that v1 clients have begun and not completed.
        package var begunImageLimit = 10_000
        /// The limits on the work for one layer that is read for a client.
        package var layerLimits = LayerLimits()
        /// The rules about tags to begin with.
        package var tagRules = TagRules.Content()

        package init(
            conversionConcurrency: Int,
            v1: V1Settings = V1Settings(),
            compatibility: CompatibilitySettings = CompatibilitySettings(),
            indexCompleteness: IndexCompleteness = .all
        ) {
            self.indexCompleteness = indexCompleteness
            self.conversionConcurrency = conversionConcurrency
            self.v1 = v1
            self.compatibility = compatibility
        }
    }
}
