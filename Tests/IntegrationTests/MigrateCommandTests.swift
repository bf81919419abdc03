import Foundation
import TestSupport
import Testing

extension Integration {
    /// The options of the command line and their effects.
    @Suite("migrate, its options") struct MigrateCommandTests {
        @Test("a dry run says what would be done, and writes nothing")
        func dryRun() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("damaged", in: directory)
                let new = directory.path("new")
                let before = try FileListing(of: directory.path)
                let result = try await migrate(tree.path, new, ["--dry-run"]).succeeded()
                #expect(try FileListing(of: directory.path).differences(from: before) { _ in false } == [])
                #expect(result.text.contains("tags will keep their names."))
                #expect(result.text.contains("dmg/nojson:latest: image"))
                #expect(result.text.firstMatch(of: /to link +[0-9.]+ [kM]?B in/) != nil, "\(result.text)")
                #expect(result.text.contains("Estimated time"))
                let reported = try await migrate(tree.path, new, ["--dry-run", "--report", directory.path("r.json")])
                #expect(reported.status == 64)
                #expect(reported.errorText.contains("A dry run has nothing to report: use --plan FILE"))
            }
        }

        @Test("a dry run onto another device says that files are copied", .needsMounts)
        func otherDevice() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let mount = try directory.makeDirectory("mounted")
                try await Mount.memory(kilobytes: 4096, at: mount) {
                    let result = try await migrate(tree.path, "\(mount)/new", ["--dry-run"]).succeeded()
                    #expect(result.text.contains("on different file systems"), "\(result.text)")
                    #expect(result.text.firstMatch(of: /to link +nothing/) != nil)
                }
            }
        }

        @Test(
            "tags are selected and renamed as requested",
            arguments: [
                (["--include", "alice/*"], ["alice/app:base", "alice/app:latest"]),
                (["--exclude", "*:latest"], ["alice/app:base"]),
                (["--include", "alice/app:latest", "--map", "alice=old/team"], ["old/team/app:latest"]),
                (["--since", "2100-01-01"], []),
                (
                    ["--jobs", "1", "--format", "oci", "--verify", "full"],
                    ["alice/app:base", "alice/app:latest", "bob/app:latest"]
                ),
            ]
        )
        func selection(options: [String], names: [String]) async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("shared", in: directory)
                let file = directory.path("report.json")
                _ = try await migrate(tree.path, directory.path("new"), options + ["--report", file]).succeeded()
                let report = try MigrationReportDocument(at: file)
                #expect(report.tags.map { "\($0.repository):\($0.tag)" }.sorted() == names)
                let format = options.contains("oci") ? "application/vnd.oci.image" : "application/vnd.docker"
                for tag in report.tags {
                    let hex = tag.manifest.dropFirst("sha256:".count)
                    let path = "\(directory.path("new"))/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
                    #expect(try String(contentsOfFile: path, encoding: .utf8).contains(format))
                }
            }
        }

        @Test("v1's library is kept on request", arguments: ["keep", "strip"])
        func library(choice: String) async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let file = directory.path("report.json")
                let options = ["--library", choice, "--report", file]
                _ = try await migrate(tree.path, directory.path("new"), options).succeeded()
                let names = Set(try MigrationReportDocument(at: file).tags.map(\.repository))
                #expect(names == [choice == "keep" ? "library/centos" : "centos"])
            }
        }

        @Test("a run fails fast on request")
        func failFast() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("damaged", in: directory)
                let result = try await migrate(tree.path, directory.path("new"), ["--fail-fast"])
                #expect(result.status == 1)
                #expect(result.text.contains("(--fail-fast)"))
            }
        }

        @Test(
            "an address without a scheme is not a directory, neither as source nor as destination",
            arguments: ["127.0.0.1:5000", "registry.test:5000/team", "docker://127.0.0.1:5000", "oci-archive:file"]
        )
        func mistakenAddress(text: String) async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                for (source, destination) in [(tree.path, text), (text, directory.path("new"))] {
                    let result = try await migrate(source, destination, [])
                    #expect([2, 64].contains(result.status))
                    #expect(result.errorText.contains("begins with http:// or https://"), "\(result.errorText)")
                }
                #expect(!FileManager.default.fileExists(atPath: text))
            }
        }

        @Test("nothing is written to the source except by a conversion in place")
        func nested() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let before = try FileListing(of: directory.path)
                let result = try await migrate(tree.path, "\(tree.path)/images/../new", [])
                #expect(result.status == 2)
                #expect(result.errorText.contains("nothing is written to a source"), "\(result.errorText)")
                #expect(try FileListing(of: directory.path).differences(from: before) { _ in false } == [])
            }
        }

        @Test("Ctrl-C ends a run in good order, with a report, and the next run continues")
        func interrupted() async throws {
            try await withTemporaryDirectory { directory in
                let size = GeneratedTree.Size(imageCount: 40, byteCount: 8_000_000)
                let tree = try GeneratedTree(at: URL(filePath: directory.path("v1")), size, seed: 7)
                let file = directory.path("report.json")
                let arguments = ["migrate", tree.root.path, directory.path("v2"), "--report", file]
                let run = try RunningProgram(.longshore, arguments + ["--rate-limit", "500K"])
                defer { run.discard() }
                let journals = directory.path("v2/longshore/journals")
                try await run.waitUntil { FileManager.default.fileExists(atPath: journals) }
                run.send(SIGINT)
                try await run.waitUntilExit(timeLimit: .seconds(30))
                #expect(try run.result.status == 130)
                #expect(try run.errorText.contains("run the same command again"))
                #expect(try run.text.contains(/Stopped early: [0-9]+ of [0-9]+ tags remain/))
                #expect(try String(contentsOfFile: file, encoding: .utf8).contains("\"interruption\" : \"stopped\""))
                let last = try await Program.longshore.run(arguments)
                #expect(last.status == 1, "\(last.errorText)")
                #expect(tree.deviations(in: try MigrationReportDocument(at: file)) == [])
            }
        }

        @Test("on a small terminal, progress has as many lines as fit", .needs("script"))
        func terminal() async throws {
            try await withTemporaryDirectory { directory in
                let size = GeneratedTree.Size(imageCount: 40, byteCount: 8_000_000)
                let tree = try GeneratedTree(at: URL(filePath: directory.path("v1")), size, seed: 7)
                let migration = "'\(Program.longshore.path)' migrate '\(tree.root.path)' '\(directory.path("v2"))'"
                let command = "stty rows 8 cols 40; \(migration) --jobs 9 --rate-limit 2M"
                let result = try await Program("script").run(["-qec", command, "/dev/null"])
                // The result follows the last drawing.
                let drawings = result.text.components(separatedBy: "\u{1B}[J").dropFirst().dropLast()
                let lines = drawings.map { drawing in
                    drawing.prefix { $0 != "\u{1B}" }.split(whereSeparator: \.isNewline)
                }
                #expect(lines.contains { $0.count == 7 && $0[5].hasPrefix("  and ") }, "\(result.text)")
                #expect(lines.allSatisfy { $0.count <= 7 && $0.allSatisfy { $0.count < 40 } }, "\(result.text)")
                #expect(lines.allSatisfy { $0.last?.contains(/left  tags [0-9]+\/[0-9]+/) ?? false })
            }
        }

        @Test("the HTML page lists every tag, and each kind of failure once")
        func page() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("damaged", in: directory)
                let (file, json) = (directory.path("report.html"), directory.path("report.json"))
                let options = ["--html-report", file, "--report", json]
                _ = try await migrate(tree.path, directory.path("new"), options)
                let page = try String(contentsOfFile: file, encoding: .utf8)
                let report = try MigrationReportDocument(at: json)
                for tag in report.tags {
                    #expect(page.contains("\(tag.repository):\(tag.tag)") && page.contains(tag.manifest))
                }
                for tag in report.failedTags { #expect(page.contains("\(tag.v1Repository):\(tag.tag)")) }
                // Failures are grouped by what is wrong, not by the images' ids.
                #expect(page.components(separatedBy: "<td>it is not in the tree</td>").count == 2, "\(page)")
                #expect(page.contains("\(report.failedTags.count) tags were not converted"))
            }
        }

        @Test("an archive written by skopeo is converted with its image id", .needs("skopeo"))
        func archive() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let (first, second) = (directory.path("first.json"), directory.path("second.json"))
                _ = try await migrate(tree.path, directory.path("v2"), ["--report", first]).succeeded()
                let archive = directory.path("saved.tar")
                try await withLongshore(serving: directory.path("v2")) { server in
                    let image = "docker://\(server.host)/centos:app"
                    _ = try await Skopeo.copy(image, "docker-archive:\(archive):centos:app").succeeded()
                }
                let dry = try await migrate(archive, directory.path("new"), ["--dry-run"]).succeeded()
                #expect(dry.text.firstMatch(of: /to link +nothing/) != nil, "\(dry.text)")
                _ = try await migrate(archive, directory.path("new"), ["--report", second]).succeeded()
                let expected = try MigrationReportDocument(at: first).tags.first { $0.tag == "app" }?.imageID
                #expect(try MigrationReportDocument(at: second).tags.map(\.imageID) == [try #require(expected)])
            }
        }
    }
}
