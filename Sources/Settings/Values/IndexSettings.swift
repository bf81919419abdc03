/// Which manifests of an index must exist before it is accepted: `validation.manifests.indexes`, as in registry 3.
package struct IndexSettings: Hashable, Sendable {
    /// A platform whose manifest must exist.
    package struct Platform: Hashable, Sendable {
        /// The architecture: `amd64`.
        package var architecture: String
        /// The operating system: `linux`.
        package var os: String
    }

    /// `all`, `none`, or `list`.
    package var platforms: String
    /// The platforms for `list`; empty for all.
    package var platformList: [Platform]

    init(_ reader: ValueReader) {
        platforms = reader.word("validation.manifests.indexes.platforms") ?? "all"
        guard case .list(let elements) = reader.entry("validation.manifests.indexes.platformlist")?.content else {
            platformList = []
            return
        }
        platformList = elements.map { element in
            if case .text(let text) = element.content {
                // The usual notation of a platform: linux/amd64.
                let words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                return words.count == 2
                    ? Platform(architecture: words[1], os: words[0]) : Platform(architecture: "", os: "")
            }
            return Platform(
                architecture: element["architecture"]?.texts.first ?? "",
                os: element["os"]?.texts.first ?? ""
            )
        }
    }
}
