import Foundation
import TestSupport
import Testing

extension Integration {
    @Suite("migrate reports damage") struct DamageTests {
        /// One migration shared by all cases.
        private static let migration = Task {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let file = directory.path("report.json")
                let result = try await migrate(tree.path, directory.path("new"), ["--report", file])
                return (result.status, result.text, try MigrationReportDocument(at: file))
            }
        }

        @Test("every case has an outcome")
        func completeness() throws {
            let cases = try JSONDecoder().decode([String: String].self, from: GoldenTree.bytes("v1/damaged.cases.json"))
            #expect(Set(cases.keys) == Set(DamageCase.allCases.map(\.rawValue)))
        }

        @Test("each case is reported with the true reason", arguments: DamageCase.allCases)
        func named(kind: DamageCase) async throws {
            let name = kind.rawValue
            let (status, text, report) = try await Self.migration.value
            #expect(status == 1)
            let repository = name.contains("/") ? name : "dmg/\(name)"
            let tag = report.tags.first { $0.v1Repository == repository }
            let failure = report.failedTags.first { $0.v1Repository == repository }
            switch kind.outcome {
            case .failed(let words):
                let reason = try #require(failure?.reason)
                #expect(reason.contains(words))
                #expect(text.contains("\(repository):latest: "))
                #expect(tag == nil)
            case .notice(let words):
                #expect(failure == nil)
                let subjects = subjects(of: name, tag)
                let notices = report.notices.filter { notice in subjects.contains(notice.subject) }.map(\.notice)
                #expect(notices.contains { $0.contains(words) }, "\(notices)")
                #expect((tag != nil) == kind.hasTag, "what is no obstacle must not be one")
            case .sound:
                #expect(failure == nil)
                #expect(tag != nil)
            }
        }

        private func subjects(of name: String, _ tag: MigrationReportDocument.Tag?) -> [String] {
            var subjects = ["repository dmg/\(name)", "repository \(name)", "repositories\(name)"]
            subjects.append(name.replacing("images/", with: "image "))
            if let tag { subjects.append("image \(tag.v1Image)") }
            return subjects
        }
    }
}
