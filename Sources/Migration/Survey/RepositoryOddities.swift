import RegistryCore
import Storage

/// What can be out of order in a repository's directory without keeping its tags from being converted.
enum RepositoryOddities {
    /// The notices for a directory that holds `entries` and, in them, `tags`.
    ///
    /// - Parameters:
    ///   - taken: Those of the tags that are to be converted.
    ///   - isIndexAList: Whether `_index_images` holds a list; nil when it is not there.
    static func notices(
        repository: V1RepositoryName,
        entries: [ObjectEntry],
        tags: [String],
        taken: [String],
        isIndexAList: Bool?
    ) -> [SourceNotice] {
        let files = Set(entries.filter { !$0.isDirectory }.map(\.name))
        var notices: [SourceNotice] = []
        func add(_ text: String, _ kind: String? = nil) {
            notices.append(SourceNotice(subject: "repository \(repository)", text: text, kind: kind))
        }
        for entry in entries where isStray(entry) {
            add("\(entry.name) is nothing that docker-registry writes; left alone", Kind.stray)
        }
        if files.isEmpty {
            add("the repository's directory is empty", "the directory is empty")
        } else if tags.isEmpty {
            add("the repository has no tags", "there are no tags")
        } else {
            if !files.contains("_index_images") { add("_index_images is missing; it is not needed") }
            if !files.contains("json"), taken.contains("latest") {
                add("json is missing: who pushed latest is not known", Kind.unknownPusher)
            }
        }
        if files.contains("_private") {
            add("it was marked private: the mark is kept in v1 and has no counterpart in v2", Kind.isPrivate)
        }
        if files.contains("_images_list") { add("_images_list was written behind an index; it is not needed") }
        if isIndexAList == false { add("_index_images is not a list of images; it is not needed") }
        for tag in taken {
            guard let file = V1Layout.tagJSON(tag, in: repository)?.name, !files.contains(file) else { continue }
            add("\(file) is missing: who pushed the tag is not known", Kind.unknownPusher)
        }
        return notices
    }

    /// What many repositories have in common.
    private enum Kind {
        static let stray = "there are files that docker-registry does not write; left alone"
        static let unknownPusher = "who pushed their tags is not recorded"
        static let isPrivate = "marked private in v1, for which v2 has no counterpart"
    }

    private static func isStray(_ entry: ObjectEntry) -> Bool {
        let known = ["_images_list", "_index_images", "_private", "json"]
        let isTag = entry.name.hasPrefix(V1Layout.tagPrefix) && entry.name != V1Layout.tagPrefix
        let isRecord = entry.name.hasPrefix("tag") && entry.name.hasSuffix("_json")
        return entry.isDirectory || !(known.contains(entry.name) || isTag || isRecord)
    }
}
