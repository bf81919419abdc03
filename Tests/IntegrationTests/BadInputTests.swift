import Foundation
import Glibc
import Testing

extension Integration {
    @Suite("bad input") struct BadInputTests {
        @Test(
            "a source that is not a tree is refused before anything is written",
            arguments: [
                ("empty", "is not a docker-registry directory: 'images' is missing"),
                ("missing", "No such file or directory"),
                ("file", "is not a 'docker save' archive"),
            ]
        )
        func noTree(name: String, sentence: String) async throws {
            try await withTemporaryDirectory { directory in
                try directory.makeDirectory("empty")
                try directory.write(Data("x".utf8), to: "file")
                let result = try await migrate(directory.path(name), directory.path("new"))
                expectRefusal(result, status: 2, directory.path(name), sentence)
                #expect(!FileManager.default.fileExists(atPath: directory.path("new")))
            }
        }

        @Test(
            "an unreadable layer is named, and the others are converted",
            .needsRoot,
            .needs("curl", "setpriv")
        )
        func unreadable() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("all", in: directory)
                let destination = try directory.makeDirectory("new")
                #expect(chmod(destination, 0o777) == 0)
                #expect(chmod(directory.path, 0o755) == 0)
                let image = "adf48a9a8236ac43a1fe1e09d0b1121c852a10f4d41545d0f058092abfda4f98"
                #expect(chmod("\(tree.path)/images/\(image)/layer", 0o600) == 0)
                let result = try await migrate(tree.path, destination, asNobody: true)
                #expect(result.status == 1)
                let sentence = "cannot read images/\(image)/layer: Permission denied"
                #expect(result.text.contains("library/centos:latest: \(sentence)"), "\(result.text)")
                #expect(!result.text.contains("alice/app:latest: "))
                #expect(try await halfMade(in: destination) == [])
                try await withLongshore(serving: destination, asNobody: true) { server in
                    let failed = try await Curl.request(server.url("/v2/centos/manifests/latest"))
                    #expect(failed.status == 404)
                    let sound = try await Curl.request(server.url("/v2/alice/app/manifests/latest"))
                    #expect(sound.status == 200)
                }
            }
        }

        @Test("an unwritable destination is refused", .needsRoot, .needs("setpriv"))
        func unwritable() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                #expect(chmod(directory.path, 0o755) == 0)
                let missing = try await migrate(tree.path, directory.path("new"), asNobody: true)
                expectRefusal(missing, status: 2, directory.path("new"), "Permission denied")
                let there = try directory.makeDirectory("there")
                let refused = try await migrate(tree.path, there, asNobody: true)
                expectRefusal(refused, status: 2, there, "Permission denied")
                let file = try directory.write(Data(), to: "file")
                expectRefusal(try await migrate(tree.path, file), status: 2, file, "Not a directory")
            }
        }

        @Test("an unwritable report is refused before anything is done")
        func unwritableReport() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let file = directory.path("absent/report.json")
                let result = try await migrate(tree.path, directory.path("new"), ["--report", file])
                expectRefusal(result, status: 2, file, "cannot write \(file): ")
                #expect(!FileManager.default.fileExists(atPath: directory.path("new")))
            }
        }

        @Test(
            "a full disk ends the migration, which continues when there is space",
            .needsRoot,
            .needsMounts,
            arguments: [50, 150, 275, 300, 340]
        )
        func fullDisk(freeKilobytes: Int) async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let mount = try directory.makeDirectory("mount")
                try await Mount.memory(kilobytes: 1024, at: mount) {
                    let destination = "\(mount)/new"
                    try Data(count: (1024 - freeKilobytes) << 10).write(to: URL(filePath: "\(mount)/filler"))
                    let result = try await migrate(tree.path, destination, ["--force"])
                    expectRefusal(result, status: 3, "cannot write ", "No space left on device")
                    #expect(try await halfMade(in: destination) == [])
                    _ = try await Program("mount").run(["-o", "remount,size=8m", mount]).succeeded()
                    let again = try await migrate(tree.path, destination).succeeded()
                    #expect(again.text.contains("0 not converted"))
                    #expect(try await halfMade(in: destination) == [])
                }
            }
        }

        @Test("an address already in use is named")
        func addressInUse() async throws {
            try await withTemporaryDirectory { directory in
                try await withLongshore(serving: directory.path("one")) { server in
                    let result = try await Program.longshore.run(
                        ["serve", "--root", directory.path("two"), "--address", server.host]
                    )
                    expectRefusal(result, status: 1, server.host, "ddress already in use")
                }
            }
        }

        @Test("a directory being served is refused to a second server and to a migration")
        func inUse() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let root = directory.path("registry")
                try await withLongshore(serving: root) { server in
                    let holder = "longshore serve, process \(server.running.processID) on host"
                    let second = try await Program.longshore.run(["serve", "--root", root, "--address", "127.0.0.1:0"])
                    expectRefusal(second, status: 1, root, holder)
                    expectRefusal(try await migrate(tree.path, root), status: 2, root, holder)
                    #expect(try blobs(in: root).isEmpty)
                }
                _ = try await migrate(tree.path, root).succeeded()
            }
        }

        @Test(
            "an unwritable directory is served read-only",
            .needsRoot,
            .needs("curl", "setpriv", "skopeo")
        )
        func readOnly() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                _ = try await migrate(tree.path, directory.path("new")).succeeded()
                #expect(chmod(directory.path, 0o755) == 0)
                try await withLongshore(serving: directory.path("new"), asNobody: true) { server in
                    #expect(try server.running.text.contains("(read-only)"))
                    _ = try await PulledImage("\(server.host)/centos:latest", into: directory.path("pulled"))
                    let upload = try await Curl.request(server.url("/v2/centos/blobs/uploads/"), ["-X", "POST"])
                    #expect(upload.status == 405)
                }
            }
        }

        /// Expects that the program has ended with one sentence on standard error about what was refused and why.
        private func expectRefusal(_ result: ProgramResult, status: Int32, _ subject: String, _ sentence: String) {
            #expect(result.status == status)
            let lines = result.errorText.split(separator: "\n").filter { $0.hasPrefix("longshore: ") }
            #expect(lines.count == 1, "\(result.errorText)")
            #expect(lines.first?.contains(subject) == true, "\(result.errorText)")
            #expect(lines.first?.contains(sentence) == true, "\(result.errorText)")
            #expect(!result.errorText.contains("Fatal error"))
        }
    }
}
