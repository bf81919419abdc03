import Foundation
import TestSupport
import Testing

extension Integration {
    @Suite("migrate") struct MigrateTests {
        /// The tags of the tree `all` that are valid in v2.
        private static let soundTagCount = 46

        @Test("reports every tag, and leaves the source as it was")
        func report() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let before = try FileListing(of: tree.path)
                let file = directory.path("report.json")
                let result = try await migrate(tree.path, directory.path("new"), ["--report", file])
                #expect(result.status == 1, "\(result.errorText)")
                #expect(try FileListing(of: tree.path).withoutLinkCounts == before.withoutLinkCounts)

                let report = try MigrationReportDocument(at: file)
                #expect(report.version == 1)
                #expect(!report.isComplete)
                #expect(report.tags.count == Self.soundTagCount)
                #expect(report.totals.tagsConverted == Self.soundTagCount)
                #expect(report.tags.allSatisfy { $0.outcome == "converted" })
                let all = Set((report.tags.map { "\($0.v1Repository):\($0.tag)" }))
                    .union(report.failedTags.map { "\($0.v1Repository):\($0.tag)" })
                #expect(try all == Self.tags(of: tree.path))
                #expect(report.totals.tagsFailed == report.failedTags.count)
                for failed in report.failedTags { #expect(result.text.contains("\(failed.v1Repository):")) }
                let broken = try #require(report.damagedImages.first { $0.tags == ["dmg/badlayer:latest"] })
                #expect(broken.reason.contains("does not have the stored checksum"))
                let centos = try #require(report.tags.first { $0.repository == "centos" && $0.tag == "latest" })
                #expect(centos.v1Repository == "library/centos")
                #expect(centos.v1Image == "adf48a9a8236ac43a1fe1e09d0b1121c852a10f4d41545d0f058092abfda4f98")
            }
        }

        @Test("creates Docker's image IDs for images pushed by Docker")
        func imageIDs() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                let file = directory.path("report.json")
                let result = try await migrate(tree, directory.path("new"), ["--report", file])
                #expect(result.status == 0, "\(result.errorText)")
                let report = try MigrationReportDocument(at: file)
                #expect(report.isComplete)
                #expect(report.tags.count == 14)
                for tag in report.tags {
                    let name = tag.repository.replacing("golden/", with: "")
                    let imageID = String(decoding: try GoldenTree.bytes("engine/\(name)/imageid.txt"), as: UTF8.self)
                    #expect(tag.imageID == imageID.trimmingCharacters(in: .whitespacesAndNewlines), "\(name)")
                }
            }
        }

        @Test("adds nothing but metadata where files can be linked")
        func diskUse() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let file = directory.path("report.json")
                _ = try await migrate(tree.path, directory.path("new"), ["--report", file])
                let report = try MigrationReportDocument(at: file)
                let source = try FileListing(of: tree.path)
                let destination = try FileListing(of: directory.path("new"))
                let layers = Set(source.entries.filter { $0.key.hasSuffix("/layer") }.compactMap(\.value.content))
                let copies = destination.entries.values.filter { entry in
                    entry.linkCount == 1 && entry.byteCount > 0 && layers.contains(entry.content ?? Data())
                }
                // Only the two whose push never ended may still be written to.
                #expect(copies.count == 2)
                #expect(report.totals.bytesLinked > 300_000)
                let added = destination.byteCount(notIn: source)
                let metadata = destination.entries.filter { !$0.key.hasSuffix("/data") }.values.map(\.byteCount).reduce(
                    0,
                    +
                )
                let documents = destination.entries.values.filter { entry in
                    entry.content?.first == UInt8(ascii: "{") && entry.byteCount < 1 << 16
                }
                #expect(added <= metadata + documents.map(\.byteCount).reduce(0, +) + report.totals.bytesCopied)
            }
        }

        @Test("changes nothing on a second run, and says so", arguments: ["centos6-like", "all"])
        func again(name: String) async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree(name, in: directory)
                let first = try await migrate(tree.path, directory.path("new"))
                let before = try FileListing(of: directory.path("new"))
                let second = try await migrate(tree.path, directory.path("new"))
                #expect(second.status == first.status)
                #expect(second.text.contains("Nothing to do"), "\(second.text)")
                #expect(second.text.contains("0 tags converted"))
                let after = try FileListing(of: directory.path("new"))
                // The startup probe of the file system changes the modification time of `docker` itself.
                let differences = before.differences(from: after) { $0.hasPrefix("longshore") || $0 == "docker" }
                #expect(differences == [])
            }
        }

        @Test("converts a directory in place", .needs("curl", "skopeo"))
        func inPlace() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let before = try FileListing(of: tree.path)
                let result = try await migrate(tree.path, tree.path)
                #expect(result.status == 1, "\(result.errorText)")
                let after = try FileListing(of: tree.path)
                for (path, entry) in before.entries {
                    #expect(after.entries[path]?.content == entry.content, "\(path)")
                }
                try await withLongshore(serving: tree.path) { server in
                    _ = try await PulledImage("\(server.host)/centos:latest", into: directory.path("pulled"))
                    let tag = try await Curl.request(server.url("/v1/repositories/library/centos/tags/latest"))
                    #expect(tag.status == 200)
                    #expect(try server.logCount("v1 image converted") == 0)
                }
            }
        }

        @Test("leaves a result that registry:2 serves to every client", .needs("curl", "skopeo", "docker-registry"))
        func predecessor() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let file = directory.path("report.json")
                _ = try await migrate(tree.path, directory.path("new"), ["--report", file])
                let report = try MigrationReportDocument(at: file)
                #expect(report.tags.count == Self.soundTagCount)
                try await withDockerRegistry(serving: directory.path("new")) { host in
                    for (index, tag) in report.tags.enumerated() {
                        let reference = "\(host)/\(tag.repository):\(tag.tag)"
                        let image = try await PulledImage(reference, into: directory.path("\(index)"))
                        #expect(image.imageID == tag.imageID)
                        let digest = try await Skopeo.inspect(reference, ["--format", "{{.Digest}}"]).succeeded().text
                        #expect(digest.trimmingCharacters(in: .newlines) == tag.manifest)
                    }
                    let answer = try await Curl.request("http://\(host)/v2/dmg/badlayer/manifests/latest")
                    #expect(answer.status == 404)
                }
            }
        }

        private static func tags(of tree: String) throws -> Set<String> {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(tree)/repositories")
            return Set(
                paths.compactMap { path in
                    let parts = path.split(separator: "/")
                    guard parts.count == 3, parts[2].hasPrefix("tag_"), parts[2] != "tag_", parts[2] != "tag_dir",
                        parts[2] != "tag_under_json"
                    else { return nil }
                    let tag = parts[2].dropFirst("tag_".count).replacing("+", with: " ").removingPercentEncoding ?? ""
                    return "\(parts[0])/\(parts[1].replacing("%252F", with: "/")):\(tag)"
                }
            )
        }
    }
}
