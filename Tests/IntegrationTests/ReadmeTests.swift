import Foundation
import Testing

extension Integration {
    @Suite("the README") struct ReadmeTests {
        @Test("shows configurations of which nothing is to be said")
        func configurations() async throws {
            let blocks = try Readme.blocks("yaml")
            #expect(!blocks.isEmpty)
            for block in blocks {
                try await withTemporaryDirectory { directory in
                    let file = try directory.write(Data(block.utf8), to: "config.yml")
                    let result = try await Program.longshore.run(["config", "check", file])
                    #expect(try result.succeeded().errorText.isEmpty, "\(block)")
                }
            }
        }

        @Test("shows commands that work")
        func commands() async throws {
            let commands = try Readme.commands
            #expect(commands.count >= 8)
            for command in commands {
                try await withTemporaryDirectory { directory in
                    // What would serve is shown; what converts does.
                    let program = """
                        #!/bin/sh
                        case "$1" in
                        serve) shift && exec '\(Program.longshore.path)' config print "$@" ;;
                        *) exec '\(Program.longshore.path)' "$@" ;;
                        esac
                        """
                    try directory.makeDirectory(".build/release")
                    let file = try directory.write(Data(program.utf8), to: ".build/release/longshore")
                    _ = try await Program("chmod").run(["+x", file]).succeeded()
                    let tree = try await GoldenTree("centos6-like", in: directory)
                    let configuration = GoldenTree.testdata.deletingLastPathComponent()
                        .appending(path: ".github/container/config.yml").path
                    let here = command.replacing("/etc/docker/registry/config.yml", with: configuration)
                        .replacing("/var/lib/docker-registry", with: tree.path)
                        .replacing("/var/lib/registry", with: directory.path + "/registry")
                    let script =
                        "cd '\(directory.path)' && PATH=$PWD/.build/release:$PATH && echo sesame | { \(here)\n}"
                    let result = try await Program("bash").run(["-c", script])
                    #expect(result.status == 0, "\(command)\n\(result.errorText)")
                    #expect(!result.errorText.contains("warning"), "\(command)\n\(result.errorText)")
                }
            }
        }

        @Test("names keys that there are, and each of this registry's own")
        func keys() async throws {
            let printed = try await Program.longshore.run(["config", "print"]).succeeded().text
            let known = Set(printed.split(separator: "\n").map { String($0.prefix { $0 != ":" }) })
            let file = GoldenTree.testdata.deletingLastPathComponent().appending(path: "README.md")
            let text = try String(contentsOf: file, encoding: .utf8)
            let rows = text.matches(of: /(?m)^\| (`[a-z0-9.-]+`(?:, `[a-z0-9.-]+`)*) \|/).map(\.1)
            let named = rows.flatMap { $0.matches(of: /`([^`]+)`/).map { String($0.1) } }
            #expect(Set(named).count == named.count)
            #expect(Set(named).subtracting(known).isEmpty)
            let own = known.filter { key in
                ["legacy.", "access", "mounts.", "http.limits.", "layers."].contains { key.hasPrefix($0) }
            }
            #expect(own.subtracting(named).isEmpty)
        }
    }
}
