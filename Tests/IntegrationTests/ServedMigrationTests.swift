import Foundation
import TestSupport
import Testing

extension Integration {
    @Suite("migrate, from and to remote registries") struct ServedMigrationTests {
        /// Small by default; of realistic size in a full run.
        private static let size =
            Requirement.isFull
            ? GeneratedTree.Size(imageCount: 400, byteCount: 4_000_000_000)
            : GeneratedTree.Size(imageCount: 40, byteCount: 8_000_000)

        @Test("a source that goes down ends the whole run, and the next one continues")
        func sourceDown() async throws {
            try await withTemporaryDirectory { directory in
                let size = GeneratedTree.Size(imageCount: 40, byteCount: 4_000_000)
                let tree = try GeneratedTree(at: URL(filePath: directory.path("v1")), size, seed: 5)
                let server = try await LongshoreProcess(serving: tree.root.path)
                defer { server.running.discard() }
                let file = directory.path("report.json")
                let arguments = [
                    "migrate", "http://\(server.host)", directory.path("v2"), "--report", file, "--patience", "1",
                ]
                let run = try RunningProgram(.longshore, arguments + ["--rate-limit", "1M"])
                defer { run.discard() }
                try await run.waitUntil { try !journal(in: directory.path("v2")).isEmpty }
                try await server.running.kill()
                try await run.waitUntilExit(timeLimit: .seconds(60))
                let result = try run.result
                #expect(result.status == 3, "\(result.text)\n\(result.errorText)")
                #expect(result.errorText.contains("http://\(server.host) cannot be reached"))
                #expect(result.errorText.contains("run the same command again"))
                let broken = try MigrationReportDocument(at: file)
                #expect(!broken.isComplete)
                #expect(broken.failedTags.allSatisfy { !$0.reason.contains("cannot be reached") })

                let again = try await LongshoreProcess(
                    serving: tree.root.path,
                    options: ["--address", server.host]
                )
                defer { again.running.discard() }
                let second = try await Program.longshore.run(arguments)
                #expect(second.status == 1, "\(second.errorText)")
                let report = try MigrationReportDocument(at: file)
                #expect(
                    tree.soundTags.count == report.tags.count { tree.soundTags["\($0.v1Repository):\($0.tag)"] != nil }
                )
                #expect(report.totals.bytesRead < tree.layerByteCount)
                try await again.running.stop()
            }
        }

        private func journal(in root: String) throws -> Data {
            let directory = "\(root)/longshore/journals"
            guard FileManager.default.fileExists(atPath: directory) else { return Data() }
            return try FileManager.default.contentsOfDirectory(atPath: directory)
                .reduce(into: Data()) { $0 += try Data(contentsOf: URL(filePath: "\(directory)/\($1)")) }
        }

        @Test(
            "every sound tag of a v1 registry reaches registry:2, however often the run is killed",
            .needs("docker-registry", "skopeo")
        )
        func toRegistry2() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try GeneratedTree(at: URL(filePath: directory.path("v1")), Self.size, seed: 4)
                try await withLongshore(serving: tree.root.path) { server in
                    try await withDockerRegistry(serving: directory.path("registry2")) { host in
                        let file = directory.path("report.json")
                        let arguments = [
                            "migrate", "http://\(server.host)", "http://\(host)", "--work", directory.path("work"),
                            "--report", file,
                        ]
                        for share in [3, 2] {
                            try await killed(arguments, tree, share, work: directory.path("work"))
                        }
                        let last = try await Program.longshore.run(arguments, timeLimit: .seconds(1200))
                        #expect(last.status == 1, "\(last.errorText)")
                        let report = try MigrationReportDocument(at: file)
                        #expect(report.totals.bytesRead < tree.layerByteCount)
                        let names = Set(report.tags.map { "\($0.v1Repository):\($0.tag)" })
                        #expect(names.isSuperset(of: tree.soundTags.keys))
                        try await expectPulled(report.tags, from: host, directory)
                    }
                }
            }
        }

        /// Runs a migration until part of it is done, and kills it like a crash.
        private func killed(_ arguments: [String], _ tree: GeneratedTree, _ part: Int, work: String) async throws {
            let limit = max(500_000, tree.layerByteCount / 8)
            let run = try RunningProgram(.longshore, arguments + ["--rate-limit", "\(limit)"])
            defer { run.discard() }
            let goal = tree.soundTags.count / part
            try await run.waitUntil(timeLimit: .seconds(300)) {
                String(decoding: try journal(in: work), as: UTF8.self).split(separator: "\n").count >= goal
            }
            try await run.kill()
        }

        @Test("damage is reported over HTTP with the same reasons as from the directory")
        func damages() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("damaged", in: directory)
                let direct = try await report(tree.path, "direct", directory)
                try await withLongshore(serving: tree.path, options: ["--legacy-convert", "off"]) { server in
                    let served = try await report("http://\(server.host)", "served", directory)
                    let expected = Dictionary(
                        uniqueKeysWithValues: direct.failedTags.map { ($0.v1Repository, $0.reason) }
                    )
                    for failed in served.failedTags where failed.v1Repository != "dmg/inprogress" {
                        #expect(failed.reason == expected[failed.v1Repository])
                    }
                    // A registry does not show images that are being pushed, complete or not.
                    let unfinished = served.failedTags.first { $0.v1Repository == "dmg/inprogress" }
                    #expect(unfinished?.reason.contains("its push was never completed") == true)
                    // A registry does not list names that it does not accept as tags.
                    let hidden = expected.keys.filter { name in
                        !(served.failedTags.map(\.v1Repository) + served.tags.map(\.v1Repository)).contains(name)
                    }
                    #expect(hidden.allSatisfy { $0.hasPrefix("dmg/tag") }, "\(hidden)")
                    let manifests = Dictionary(uniqueKeysWithValues: direct.tags.map { ($0.v1Repository, $0.manifest) })
                    for tag in served.tags { #expect(tag.manifest == manifests[tag.v1Repository]) }
                    #expect(served.tags.count == direct.tags.count - 1)
                }
            }
        }

        private func report(_ source: String, _ name: String, _ directory: TemporaryDirectory) async throws
            -> MigrationReportDocument
        {
            let file = directory.path("\(name).json")
            let result = try await migrate(source, directory.path(name), ["--report", file, "--patience", "1"])
            #expect(result.status == 1, "\(result.errorText)")
            return try MigrationReportDocument(at: file)
        }

        /// Expects that skopeo can pull the images in the report: all of them in a full run.
        private func expectPulled(
            _ tags: [MigrationReportDocument.Tag],
            from host: String,
            _ directory: TemporaryDirectory
        ) async throws {
            let step = Requirement.isFull ? 1 : max(1, tags.count / 25)
            for (index, tag) in tags.enumerated() where index % step == 0 {
                let path = directory.path("pulled-\(index)")
                let image = try await PulledImage("\(host)/\(tag.repository):\(tag.tag)", into: path)
                #expect(image.imageID == tag.imageID)
                try FileManager.default.removeItem(atPath: path)
            }
        }
    }
}
