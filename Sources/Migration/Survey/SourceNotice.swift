/// A harmless irregularity of the source.
package struct SourceNotice: Hashable, Sendable {
    /// What it concerns: a repository, a tag, an image or a path.
    package let subject: String
    /// What is irregular.
    package let text: String
    /// The text without details of the subject: notices are grouped by it.
    package let kind: String

    /// - Parameter kind: The text without details of the subject; nil if `text` has none.
    init(subject: String, text: String, kind: String? = nil) {
        self.subject = subject
        self.text = text
        self.kind = kind ?? text
    }
}

/// The notices of a migration, grouped by kind.
package struct NoticeGroups: Sendable {
    private struct Key: Hashable {
        let noun: String
        let kind: String
    }

    /// A line for each kind: `701 repositories: no record of who pushed their tags`.
    package let lines: [String]
    /// The total number of notices.
    package let noticeCount: Int

    private static let plurals = ["repository": "repositories", "image": "images", "tag": "tags"]

    /// Groups notices. The only notice of its kind is printed in full.
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
