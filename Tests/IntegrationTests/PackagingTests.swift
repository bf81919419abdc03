import Foundation
import Testing

extension Integration {
    @Suite("packaging") struct PackagingTests {
        @Test("has an image with a configuration that causes no findings")
        func containerConfiguration() async throws {
            let result = try await Program.longshore.run(["config", "check", Packaging.file("container/config.yml")])
            #expect(try result.succeeded().errorText.isEmpty)
        }

        @Test(
            "has an image that serves registry:2's directory and port, or those named by variables",
            arguments: [
                ([:], "/var/lib/registry", ":5000"), (["STORAGE_PATH": "/v1"], "/v1", ":5000"),
                (["REGISTRY_PORT": "5050"], "/var/lib/registry", "0.0.0.0:5050"),
                (["REGISTRY_HOST": "10.0.0.1"], "/var/lib/registry", "10.0.0.1:5000"),
                (
                    ["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/v2", "REGISTRY_HTTP_ADDR": "0.0.0.0:443"], "/v2",
                    "0.0.0.0:443"
                ),
            ] as [([String: String], String, String)]
        )
        func places(environment: [String: String], root: String, address: String) async throws {
            let result = try await Program.longshore.run(
                ["config", "print", Packaging.file("container/config.yml")],
                environment: environment
            )
            let lines = try result.succeeded().text.split(separator: "\n").map { $0.split(separator: "  # ")[0] }
            #expect(lines.contains("storage.filesystem.rootdirectory: \(root)"))
            #expect(lines.contains("http.addr: \(address)"))
            #expect(result.errorText.isEmpty)
        }

        @Test("has an image made of existing files, by commands that a shell can parse")
        func dockerfile() async throws {
            let top = GoldenTree.testdata.deletingLastPathComponent()
            let text = try String(contentsOfFile: Packaging.file("container/Dockerfile"), encoding: .utf8)
            let lines = text.replacing("\\\n", with: " ").split(separator: "\n").filter { !$0.hasPrefix("#") }
            var stages: [Substring] = []
            for line in lines {
                let words = line.split(separator: " ")
                switch words[0] {
                case "FROM": stages += words.drop { $0 != "AS" }.dropFirst()
                case "COPY" where words[1].hasPrefix("--from="):
                    #expect(stages.contains(words[1].dropFirst("--from=".count)))
                case "COPY":
                    #expect(
                        FileManager.default.fileExists(atPath: top.appending(path: String(words[1])).path),
                        "\(line)"
                    )
                case "RUN": _ = try await Program("sh").run(["-nc", String(line.dropFirst(4))]).succeeded()
                default: #expect(["WORKDIR", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"].contains(words[0]), "\(line)")
                }
            }
            #expect(lines.contains { $0.hasPrefix("RUN apt-get ") && $0.contains(" apache2-utils ") })
            #expect(FileManager.default.isExecutableFile(atPath: Packaging.file("container/entrypoint.sh")))
        }

        @Test("has units that systemd accepts", .needs("systemd-analyze"))
        func units() async throws {
            try await withTemporaryDirectory { directory in
                let units = ["longshore.service", "longshore.socket"]
                for unit in units {
                    let text = try String(contentsOfFile: Packaging.file("systemd/\(unit)"), encoding: .utf8)
                    let here = text.replacing("/usr/local/bin/longshore", with: Program.longshore.path)
                    try directory.write(Data(here.utf8), to: unit)
                }
                let result = try await Program("systemd-analyze").run(["verify"] + units.map(directory.path))
                #expect(try result.succeeded().errorText.isEmpty)
            }
        }

        @Test("has a Debian package with the unit, the configuration and the scripts for a user", .needs("dpkg-deb"))
        func debianPackage() async throws {
            try await withTemporaryDirectory { directory in
                let program = try directory.write(Data("#!/bin/sh\necho longshore 1.2.3\n".utf8), to: "longshore")
                _ = try await Program("chmod").run(["+x", program]).succeeded()
                let top = GoldenTree.testdata.deletingLastPathComponent().path
                let made = try await Program("bash").run(["\(top)/.ci/make-deb", program, directory.path]).succeeded()
                let package = made.text.trimmingCharacters(in: .newlines)
                #expect(package.hasPrefix(directory.path("longshore_1.2.3_")) && package.hasSuffix(".deb"))
                let root = try directory.makeDirectory("root")
                _ = try await Program("dpkg-deb").run(["--raw-extract", package, root]).succeeded()
                let unit = try String(contentsOfFile: "\(root)/lib/systemd/system/longshore.service", encoding: .utf8)
                #expect(unit.contains("ExecStart=/usr/bin/longshore serve /etc/longshore/config.yml\n"))
                #expect(FileManager.default.isExecutableFile(atPath: "\(root)/usr/bin/longshore"))
                let conffiles = try String(contentsOfFile: "\(root)/DEBIAN/conffiles", encoding: .utf8)
                #expect(conffiles == "/etc/longshore/config.yml\n")
                let checked = try await Program.longshore.run(["config", "check", "\(root)/etc/longshore/config.yml"])
                #expect(try checked.succeeded().errorText.isEmpty)
                for script in ["postinst", "prerm", "postrm"] {
                    _ = try await Program("sh").run(["-n", "\(root)/DEBIAN/\(script)"]).succeeded()
                }
            }
        }

        @Test("is made by a workflow that runs the gate and existing parts of it")
        func workflow() async throws {
            let text = try String(contentsOfFile: Packaging.file("workflows/ci.yml"), encoding: .utf8)
            let calls = text.matches(of: #/run: \.ci/run(.*)/#).map { $0.1.split(separator: " ") }
            #expect(calls.contains([]) && calls.contains { $0.first == "--full" && $0.contains("deb") })
            let top = GoldenTree.testdata.deletingLastPathComponent().path
            let run = try String(contentsOfFile: "\(top)/.ci/run", encoding: .utf8)
            let parts = try #require(run.firstMatch(of: /all_parts=\((.*)\)/)).1.split(separator: " ")
            for call in calls { #expect(call.dropFirst().allSatisfy { parts.contains($0) }, "\(call)") }
        }
    }
}

/// The files that packages are made of.
enum Packaging {
    static func file(_ name: String) -> String {
        GoldenTree.testdata.deletingLastPathComponent().appending(path: ".github/\(name)").path
    }
}
