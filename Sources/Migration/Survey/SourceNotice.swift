/// Something that is out of order in the source and keeps no tag from being converted.
package struct SourceNotice: Hashable, Sendable {
    /// What it is about: a repository, a tag, an image, a path.
    package let subject: String
    /// What is out of order.
    package let text: String
    /// What is out of order, in words that fit every subject with the same fault: notices are grouped by it.
    package let kind: String

    /// - Parameter kind: The text in words that fit many subjects; the text itself where it fits them.
    init(subject: String, text: String, kind: String? = nil) {
        self.subject = subject
        self.text = text
        self.kind = kind ?? text
    }
}

/// The notices of a migration, one line for each kind.
package struct NoticeGroups: Sendable {
    private struct Key: Hashable {
        let noun: String
        let kind: String
    }

    /// A line for each kind: `701 repositories: who pushed their tags is not recorded`.
    package let lines: [String]
    /// How many notices there are.
    package let noticeCount: Int

    private static let plurals = ["repository": "repositories", "image": "images", "tag": "tags"]

    /// Groups notices. A notice that is the only one of its kind is printed unchanged.
    package init(_ notices: [SourceNotice]) {
        var groups: [Key: [SourceNotice]] = [:]
        for notice in notices {
            let word = notice.subject.split(separator: " ").first.map(String.init) ?? ""
            groups[Key(noun: Self.plurals[word] ?? "places", kind: notice.kind), default: []].append(notice)
        }
        let ordered = groups.map { key, notices in (key, notices, Set(notices.map(\.subject)).count) }
            .sorted { ($1.2, $0.0.noun, $0.0.kind) < ($0.2, $1.0.noun, $1.0.kind) }
        self.noticeCount = notices.count
        self.lines = ordered.flatMap { key, notices, subjectCount in
            subjectCount == 1
                ? Set(notices).map(Self.line).sorted() : ["\(subjectCount) \(key.noun): \(key.kind)"]
        }
    }

    /// A notice in full.
    package static func line(_ notice: SourceNotice) -> String { "\(notice.subject): \(notice.text)" }
}
