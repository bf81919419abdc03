import Foundation
import Testing

extension Integration {
    /// README.md and MIGRATION.md: what they show works, and what they list is what exists.
    @Suite("the documents") struct ReadmeTests {
        static let subcommandNames: [[String]] = [
            ["serve"], ["config", "print"], ["config", "check"], ["migrate"], ["cert"], ["garbage-collect"], ["verify"],
            ["repository", "list"], ["repository", "show"], ["repository", "delete"],
            ["tag", "list"], ["tag", "set"], ["tag", "delete"], ["du"], ["prune"],
            ["clients"], ["status"],
            ["htpasswd", "add"], ["htpasswd", "delete"], ["htpasswd", "list"], ["htpasswd", "verify"],
        ]

        /// The commands that have subcommands.
        static let groups: [[String]] = [["config"], ["htpasswd"], ["repository"], ["tag"]]

        @Test("show configurations without findings")
        func configurations() async throws {
            let blocks = try ShownDocument.readme.blocks("yaml")
            #expect(!blocks.isEmpty)
            for block in blocks {
                try await withTemporaryDirectory { directory in
                    let file = try directory.write(Data(block.utf8), to: "config.yml")
                    let result = try await Program.longshore.run(["config", "check", file])
                    #expect(try result.succeeded().errorText.isEmpty, "\(block)")
                }
            }
        }

        @Test(
            "show commands that work, one block after the other",
            .needs("bash", "curl", "jq", "rsync", "skopeo"),
            arguments: [ShownDocument.readme, .migration]
        )
        func commands(document: ShownDocument) async throws {
            try await run(document, asNobody: false)
        }

        @Test(
            "show commands that also work for a user with sudo",
            .needsRoot,
            .needs("bash", "curl", "jq", "rsync", "skopeo"),
            arguments: [ShownDocument.readme, .migration]
        )
        func commandsOfUser(document: ShownDocument) async throws {
            try await run(document, asNobody: true)
        }

        private func run(_ document: ShownDocument, asNobody isNobody: Bool) async throws {
            try await withTemporaryDirectory { directory in
                let shell = try await ShownCommands(in: directory, asNobody: isNobody)
                let blocks = try document.blocks("sh")
                #expect(blocks.count >= 5)
                var output = ""
                for block in blocks {
                    let result = try await shell.run(block)
                    #expect(result.status == 0, "\(block)\n\(result.text)\n\(result.errorText)")
                    #expect(!result.errorText.contains("warning"), "\(block)\n\(result.errorText)")
                    output += result.text
                }
                guard document.name == ShownDocument.readme.name else { return }
                #expect(output.contains(#""name": "library/centos"}"#))
                #expect(output.contains(#"{"name":"centos","tags":["6","app","#))
                #expect(output.contains(#""tagsConverted": 4,"#))
                #expect(FileManager.default.fileExists(atPath: directory.path("tour/image/index.json")))
            }
        }

        @Test("list every key, once, and no other")
        func keys() async throws {
            let printed = try await Program.longshore.run(["config", "print"]).succeeded().text
            let known = Set(printed.split(separator: "\n").map { String($0.prefix { $0 != ":" }) })
            let commands = Set(Self.subcommandNames.map { $0.joined(separator: " ") }).union(Self.groups.joined())
            let named = try ShownDocument.readme.firstColumns.filter { !commands.contains($0) }
            #expect(Set(named).count == named.count)
            #expect(Set(named).subtracting(known).sorted() == [])
            #expect(known.subtracting(named).sorted() == [])
        }

        @Test("list every option of every command", arguments: subcommandNames)
        func options(command: [String]) async throws {
            let document = command == ["migrate"] ? ShownDocument.migration : .readme
            #expect(try await Self.options(of: command).subtracting(document.options).sorted() == [])
        }

        @Test("list no option that does not exist", arguments: [ShownDocument.readme, .migration])
        func absentOptions(document: ShownDocument) async throws {
            // The options of other programs, of .ci/run and of swift.
            var known: Set = [
                "--src-tls-verify", "--retry", "--retry-connrefused", "--static-swift-stdlib", "--system", "--home-dir",
                "--now", "--full", "--traits", "--ignore-missing-args", "--include", "--exclude", "--link-dest",
            ]
            for command in Self.subcommandNames { known.formUnion(try await Self.options(of: command)) }
            #expect(try document.options.subtracting(known).sorted() == [])
        }

        @Test("list every subcommand of the program", arguments: [[]] + groups)
        func subcommands(command: [String]) async throws {
            let help = try await Program.longshore.run(["help"] + command).succeeded().text
            let listed = help.matches(of: /(?m)^  ([a-z][a-z-]+) {2,}\S/).map { command + [String($0.1)] }
            #expect(!listed.isEmpty)
            #expect(listed.filter { !Self.subcommandNames.contains($0) && !Self.groups.contains($0) } == [])
            let named = try ShownDocument.readme.text
            for name in listed {
                #expect(named.contains("`\(name.joined(separator: " "))") || Self.groups.contains(name))
            }
        }

        private static func options(of command: [String]) async throws -> Set<String> {
            let help = try await Program.longshore.run(["help"] + command).succeeded().text
            // A line begins with '-x, --name' or '--name/--no-name'; the rest may mention other options.
            let heads = help.matches(of: /(?m)^  (?:-[a-z], )?(--[a-z][a-z0-9-]*)(?:\/(--[a-z][a-z0-9-]*))?/)
            let names = heads.flatMap { [String($0.1)] + ($0.2.map { [String($0)] } ?? []) }
            return Set(names).subtracting(["--help", "--version"])
        }
    }
}
