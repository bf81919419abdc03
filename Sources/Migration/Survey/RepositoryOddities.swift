import RegistryCore
import Storage

/// Harmless irregularities of a repository's directory.
enum RepositoryOddities {
    /// The notices for a directory with `entries`, among them `tags`.
    ///
    /// - Parameters:
    ///   - taken: The tags that are selected.
    ///   - isIndexAList: Whether `_index_images` contains a list; nil when it does not exist.
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
            add("\(entry.name) was not written by docker-registry; ignored", Kind.stray)
        }
        if files.isEmpty {
            add("the repository's directory is empty", "the directory is empty")
        } else if tags.isEmpty {
            add("the repository has no tags", "there are no tags")
        } else {
            if !files.contains("_index_images") { add("_index_images is missing; it is not needed") }
            if !files.contains("json"), taken.contains("latest") {
                add("json is missing: no record of who pushed latest", Kind.unknownPusher)
            }
        }
        if files.contains("_private") {
            add("marked private: the marker stays in v1 and has no counterpart in v2", Kind.isPrivate)
        }
        if files.contains("_images_list") { add("_images_list was written for use with an index; it is not needed") }
        if isIndexAList == false { add("_index_images is not a list of images; it is not needed") }
        for tag in taken {
            guard let file = V1Layout.tagJSON(tag, in: repository)?.name, !files.contains(file) else { continue }
            add("\(file) is missing: no record of who pushed the tag", Kind.unknownPusher)
        }
        return notices
    }

    /// Texts shared by many repositories.
    private enum Kind {
        static let stray = "files not written by docker-registry; ignored"
        static let unknownPusher = "no record of who pushed their tags"
        static let isPrivate = "marked private in v1, which has no counterpart in v2"
    }

    private static func isStray(_ entry: ObjectEntry) -> Bool {
        let known = ["_images_list", "_index_images", "_private", "json"]
        let isTag = entry.name.hasPrefix(V1Layout.tagPrefix) && entry.name != V1Layout.tagPrefix
        let isRecord = entry.name.hasPrefix("tag") && entry.name.hasSuffix("_json")
        return entry.isDirectory || !(known.contains(entry.name) || isTag || isRecord)
    }
}
