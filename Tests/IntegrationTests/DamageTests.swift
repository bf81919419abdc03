import Foundation
import Testing

extension Integration {
    @Suite("migrate names what is damaged") struct DamageTests {
        /// What becomes of a case of `damaged.cases.json`, and words that the program must say of it.
        enum Outcome: Sendable {
            case failed(String)
            case notice(String)
            case sound
        }

        static let outcomes: [(String, Outcome)] = [
            ("good", .sound),
            ("badlayer", .failed("its layer does not have the stored checksum")),
            ("shortlayer", .failed("the layer is cut short")),
            ("nolayer", .failed("its layer is missing")),
            ("zerolayer", .failed("the layer file is empty (0 bytes)")),
            ("nojson", .failed("its json is missing")),
            ("badjson", .failed("its json is damaged")),
            ("noancestry", .notice("ancestry is missing")),
            ("badancestry", .notice("ancestry is not a list of ids")),
            ("ancestryloop", .failed("its ancestry file names")),
            ("nochecksum", .notice("_checksum is missing")),
            ("oldchecksum", .failed("does not have the stored checksum sha256:abab")),
            ("twochecksums", .failed("does not have the stored checksum sha256:abab")),
            ("badchecksum", .failed("does not have the stored checksum sha256:0000")),
            ("numchecksum", .notice("_checksum does not hold a checksum")),
            ("noparent", .failed("it is not in the tree")),
            ("midgone", .failed("its layer is missing")),
            ("wrongid", .failed("its json is that of image")),
            ("inprogress", .notice("_inprogress was left behind")),
            ("files", .sound),
            ("dangling", .failed("it is not in the tree")),
            ("tagnl", .failed("does not hold an image id alone")),
            ("tagquoted", .failed("does not hold an image id alone")),
            ("tagempty", .failed("the tag's file is empty")),
            ("tagjunk", .failed("does not hold an image id alone")),
            ("notagjson", .notice("taglatest_json is missing")),
            ("noreposjson", .notice("json is missing")),
            ("nojsons", .notice("json is missing")),
            ("noindex", .notice("_index_images is missing")),
            ("badindex", .notice("_index_images")),
            ("dupindex", .sound),
            ("emptydir", .notice("directory is empty")),
            ("notags", .notice("has no tags")),
            ("strayfiles", .notice("tag_dir")),
            ("/strayfile-in-repositories", .notice("a file where a namespace is expected")),
            ("/emptyns", .notice("a namespace without repositories")),
            ("images/693effd2848dc8ca55b94b17783f652d4b93554b31d8aa99e06c9648153885e8", .notice("directory is empty")),
            ("library/old", .notice("_images_list")),
        ]

        /// The cases in which there is nothing to convert.
        private static let withoutTags = [
            "emptydir", "notags", "/strayfile-in-repositories", "/emptyns",
            "images/693effd2848dc8ca55b94b17783f652d4b93554b31d8aa99e06c9648153885e8",
        ]

        /// One migration that all cases look at.
        private static let migration = Task {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let file = directory.path("report.json")
                let result = try await migrate(tree.path, directory.path("new"), ["--report", file])
                return (result.status, result.text, try MigrationReportDocument(at: file))
            }
        }

        @Test("there is an outcome for every case")
        func completeness() throws {
            let cases = try JSONDecoder().decode([String: String].self, from: GoldenTree.bytes("v1/damaged.cases.json"))
            #expect(Set(cases.keys) == Set(Self.outcomes.map(\.0)))
        }

        @Test("each case, with the true reason", arguments: outcomes)
        func named(name: String, outcome: Outcome) async throws {
            let (status, text, report) = try await Self.migration.value
            #expect(status == 1)
            let repository = name.contains("/") ? name : "dmg/\(name)"
            let tag = report.tags.first { $0.v1Repository == repository }
            let failure = report.failedTags.first { $0.v1Repository == repository }
            switch outcome {
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
                #expect((tag == nil) == Self.withoutTags.contains(name), "what is no obstacle must not be one")
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
