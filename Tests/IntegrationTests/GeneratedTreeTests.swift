import Foundation
import TestSupport
import Testing

extension Integration {
    /// Small by default; with `LONGSHORE_FULL=1` of realistic size.
    @Suite("migrate, of a generated tree with every kind of damage") struct GeneratedTreeTests {
        private static let size =
            Requirement.isFull
            ? GeneratedTree.Size(imageCount: 2000, byteCount: 20_000_000_000)
            : GeneratedTree.Size(imageCount: 160, byteCount: 4_000_000, damageInterval: 4)
        private static let timeLimit = Duration.seconds(1500)

        @Test(
            "killed three times, the run reports everything correctly, with the result of an uninterrupted run"
        )
        func killed() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try GeneratedTree(at: URL(filePath: directory.path("v1")), Self.size, seed: 20)
                #expect(Set(tree.damages.map(\.kind)) == Set(DamageCase.allCases))
                let one = directory.path("one")
                let report = try await run(tree, to: one)
                #expect(tree.deviations(in: report) == [])
                #expect(report.totals.bytesCopied < tree.layerByteCount / 20)

                // In place, on a copy made of links.
                let copy = directory.path("copy")
                _ = try await Program("cp").run(["-al", tree.root.path, copy]).succeeded()
                let before = try await diskUse(of: copy)
                for share in 1...3 { try await kill(copy, after: report.tags.count * share / 4) }
                let last = try await run(tree, copy, to: copy)
                #expect(tree.deviations(in: last) == [])
                let difference = try v2Files(of: copy).symmetricDifference(v2Files(of: one))
                #expect(difference == [])
                if Requirement.isFull {
                    #expect(try await diskUse(of: copy) - before < tree.layerByteCount / 100)
                }
                let manifests = [report, last].map {
                    $0.tags.map { "\($0.repository):\($0.tag) \($0.manifest)" }.sorted()
                }
                #expect(manifests[0] == manifests[1])
            }
        }

        private func run(_ tree: GeneratedTree, _ source: String? = nil, to destination: String) async throws
            -> MigrationReportDocument
        {
            let file = "\(destination).json"
            let result = try await Program.longshore.run(
                ["migrate", source ?? tree.root.path, destination, "--report", file],
                timeLimit: Self.timeLimit
            )
            #expect(result.status == 1, "\(result.errorText)")
            return try MigrationReportDocument(at: file)
        }

        /// Kills a run in place once `tagCount` tags exist.
        private func kill(_ root: String, after tagCount: Int) async throws {
            let run = try RunningProgram(.longshore, ["migrate", root, root])
            defer { run.discard() }
            try await run.waitUntil(timeLimit: Self.timeLimit) {
                let journals = "\(root)/longshore/journals"
                guard FileManager.default.fileExists(atPath: journals) else { return false }
                let lines = try FileManager.default.contentsOfDirectory(atPath: journals).flatMap {
                    try String(contentsOfFile: "\(journals)/\($0)", encoding: .utf8).split(separator: "\n")
                }
                return lines.count { $0.hasPrefix("{\"tag\"") } >= tagCount
            }
            try await run.kill()
        }

        /// The paths of everything that a v2 registry would find: blobs, revisions, tags. Unfinished files of a killed
        /// process are not among them; they are removed after a day.
        private func v2Files(of root: String) throws -> Set<String> {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/docker/registry/v2")
            return Set(paths.filter { !$0.contains("/.longshore-staging-") })
        }

        /// The size in bytes, with each hard-linked file counted once.
        private func diskUse(of path: String) async throws -> Int {
            let result = try await Program("du").run(["-s", "--block-size=1", path]).succeeded()
            return result.text.split(separator: "\t").first.flatMap { Int($0) } ?? 0
        }
    }
}
