import RegistryCore
import Storage

/// What can be out of order in a repository's directory without keeping its tags from being converted.
enum RepositoryOddities {
    /// The notices for a directory that holds `entries` and, in them, `tags`.
    ///
    /// - Parameter isIndexAList: Whether `_index_images` holds a list; nil when it is not there.
    static func notices(
        repository: V1RepositoryName,
        entries: [ObjectEntry],
        tags: [String],
        isIndexAList: Bool?
    ) -> [SourceNotice] {
        let files = Set(entries.filter { !$0.isDirectory }.map(\.name))
        var texts = entries.filter(isStray).map { "\($0.name) is nothing that docker-registry writes; left alone" }
        if files.isEmpty {
            texts.append("the repository's directory is empty")
        } else if tags.isEmpty {
            texts.append("the repository has no tags")
        } else {
            if !files.contains("_index_images") { texts.append("_index_images is missing; it is not needed") }
            if !files.contains("json"), tags.contains("latest") {
                texts.append("json is missing: who pushed latest is not known")
            }
        }
        if files.contains("_private") {
            texts.append("it was marked private: the mark is kept in v1 and has no counterpart in v2")
        }
        if files.contains("_images_list") { texts.append("_images_list was written behind an index; it is not needed") }
        if isIndexAList == false { texts.append("_index_images is not a list of images; it is not needed") }
        for tag in tags {
            guard let file = V1Layout.tagJSON(tag, in: repository)?.name, !files.contains(file) else { continue }
            texts.append("\(file) is missing: who pushed the tag is not known")
        }
        return texts.map { SourceNotice(subject: "repository \(repository)", text: $0) }
    }

    private static func isStray(_ entry: ObjectEntry) -> Bool {
        let known = ["_images_list", "_index_images", "_private", "json"]
        let isTag = entry.name.hasPrefix(V1Layout.tagPrefix) && entry.name != V1Layout.tagPrefix
        let isRecord = entry.name.hasPrefix("tag") && entry.name.hasSuffix("_json")
        return entry.isDirectory || !(known.contains(entry.name) || isTag || isRecord)
    }
}
