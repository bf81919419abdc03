import Foundation
import TestSupport
import Testing

extension Integration {
    @Suite("migrate, its output") struct MigrateOutputTests {
        private static let size = OperatorTree.Size.small

        @Test("warnings are one line per kind, all of them on request, and only a count after an unchanged run")
        func warnings() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try OperatorTree(at: URL(filePath: directory.path("v1")), Self.size, seed: 4).root.path
                let kind = "\(Self.size.repositoryCount) repositories: no record of who pushed their tags"
                let first = try await migrate(tree, directory.path("new")).succeeded()
                #expect(first.text.contains(kind), "\(first.text)")
                #expect(!first.text.contains("is missing: no record of who pushed"))
                let second = try await migrate(tree, directory.path("new")).succeeded()
                #expect(!second.text.contains(kind) && second.text.contains("warnings, as before"), "\(second.text)")
                let verbose = try await migrate(tree, directory.path("other"), ["--verbose"]).succeeded()
                let count = verbose.text.split(separator: "\n").count { $0.contains("no record of who pushed the tag") }
                #expect(count == Self.size.tagCount)
                let quiet = try await migrate(tree, directory.path("third"), ["--quiet"]).succeeded()
                #expect(quiet.text.hasPrefix("\(Self.size.tagCount) tags converted, "), "\(quiet.text)")
                #expect(quiet.errorText.isEmpty, "\(quiet.errorText)")
            }
        }

        @Test("the dry run shows renamed tags and counts the others; the plan contains all of them")
        func plan() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("shared", in: directory)
                let file = directory.path("plan.json")
                let options = ["--dry-run", "--map", "alice=team/a", "--map", "nobody=x", "--plan", file]
                let result = try await migrate(tree.path, directory.path("new"), options).succeeded()
                #expect(result.text.contains("alice/app:base becomes team/a/app:base"), "\(result.text)")
                #expect(result.text.contains("1 other tags will keep their names."))
                #expect(!result.text.contains("bob/app:latest"))
                #expect(result.errorText.contains("warning: --map 'nobody=x' renames nothing"), "\(result.errorText)")
                let plan = try JSONDecoder().decode(Plan.self, from: Data(contentsOf: URL(filePath: file)))
                #expect(plan.source == tree.path && plan.destination == directory.path("new") && !plan.host.isEmpty)
                #expect(
                    plan.tags.map { "\($0.v1Repository):\($0.tag) \($0.repository) \($0.changesName)" }.sorted() == [
                        "alice/app:base team/a/app true", "alice/app:latest team/a/app true",
                        "bob/app:latest bob/app false",
                    ]
                )
                #expect(plan.unusedPatterns.count == 1 && plan.failedTags.isEmpty)
                #expect(plan.estimatedSeconds > 0)
            }
        }

        @Test("a disk that is too small is refused before anything is copied, and used on request", .needsMounts)
        func smallDisk() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try OperatorTree(at: URL(filePath: directory.path("v1")), Self.size, seed: 5)
                let mount = try directory.makeDirectory("mount")
                try await Mount.memory(kilobytes: 400, at: mount) {
                    for options in [["--dry-run"], []] {
                        let result = try await migrate(tree.root.path, "\(mount)/new", options)
                        #expect(result.status == 2)
                        #expect(result.text.contains("  free          "), "\(result.text)")
                        #expect(result.errorText.contains("free, but "), "\(result.errorText)")
                        #expect(result.errorText.contains("use --force"))
                        #expect(!FileManager.default.fileExists(atPath: "\(mount)/new/docker"))
                    }
                    let forced = try await migrate(tree.root.path, "\(mount)/new", ["--force"])
                    #expect(forced.status == 3)
                    #expect(forced.text.contains(/Failed before the end: \d+ of \d+ tags remain/), "\(forced.text)")
                }
            }
        }

        @Test(
            "a report has the host's name and absolute paths, however they were typed; its page has a filter and axes"
        )
        func report() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try OperatorTree(at: URL(filePath: directory.path("v1")), Self.size, seed: 6)
                let (json, html) = (directory.path("report.json"), directory.path("report.html"))
                let options = ["--report", json, "--html-report", html, "--rate-limit", "1M"]
                let typed = ["\(directory.path)/./v1/", "\(directory.path)/absent/../new/"]
                _ = try await migrate(typed[0], typed[1], options).succeeded()
                let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(filePath: json)))
                #expect(report.source == tree.root.path(percentEncoded: false).trimmingSuffix("/"))
                #expect(report.destination == directory.path("new"))
                let host = try await Program("uname").run(["-n"]).succeeded().text
                #expect(report.host == host.trimmingCharacters(in: .whitespacesAndNewlines))
                let page = try String(contentsOfFile: html, encoding: .utf8)
                #expect(page.contains("on \(report.host)") && page.contains(report.source))
                #expect(page.contains("data-table=\"tags\"") && page.contains("<table id=\"tags\">"))
                #expect(page.contains("text-anchor=\"end\">0 B/s<") && page.contains(/MB\/s<|kB\/s</))
                #expect(page.contains(/text-anchor="end">\d+\.\d s</))
            }
        }

        private struct Report: Decodable {
            let host: String
            let source: String
            let destination: String
        }

        private struct Plan: Decodable {
            struct Tag: Decodable {
                let v1Repository: String
                let tag: String
                let repository: String
                let changesName: Bool
            }

            struct FailedTag: Decodable { let reason: String }

            let host: String
            let source: String
            let destination: String
            let estimatedSeconds: Double
            let unusedPatterns: [String]
            let tags: [Tag]
            let failedTags: [FailedTag]
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
