import Foundation
import Testing

extension Integration {
    /// The output of calls that cannot work.
    @Suite("messages") struct MessageTests {
        /// A call, and the last line it prints. `DIR` is a directory with `v1`, a tree; `file`, an empty file; and
        /// `half`, an authority without its key.
        struct Call: CustomTestStringConvertible, Sendable {
            let arguments: [String]
            let status: Int32
            let sentence: String

            init(_ line: String, _ status: Int32, _ sentence: String) {
                arguments = line.split(separator: " ").map(String.init)
                self.status = status
                self.sentence = sentence
            }

            var testDescription: String { arguments.joined(separator: " ") }
        }

        static let calls = [
            Call(
                "migrate DIR/v1 DIR/new --report DIR",
                2,
                "cannot write DIR: it is a directory: name a file in it"
            ),
            Call(
                "migrate DIR/v1 DIR/new --report DIR/absent/r.json",
                2,
                "cannot write DIR/absent/r.json: no such directory: DIR/absent/"
            ),
            Call(
                "migrate DIR/v1 DIR/new --plan DIR/half --dry-run",
                2,
                "cannot write DIR/half: it is a directory"
            ),
            Call("migrate DIR/v1 DIR/new --include nothing/*", 2, "no tag matches --include nothing/*: SOURCE has "),
            Call("migrate DIR/v1 DIR/new --quiet --verbose", 64, "--quiet and --verbose cannot be combined."),
            Call("migrate DIR/absent DIR/new", 2, "DIR/absent: No such file or directory"),
            Call("migrate DIR/v1 DIR/file", 2, "DIR/file: Not a directory"),
            Call("migrate DIR/v1 DIR/new --map team", 64, "--map: 'team' is not of the form OLD=NEW."),
            Call(
                "migrate http://no.such.host.invalid DIR/new --patience 0",
                2,
                "http://no.such.host.invalid cannot be reached: unknown host; check the name"
            ),
            Call(
                "migrate http://127.0.0.1:1 DIR/new --patience 0",
                2,
                "http://127.0.0.1:1 cannot be reached: connection refused"
            ),
            Call(
                "migrate DIR/v1 http://127.0.0.1:1 --patience 0 --work DIR/w",
                2,
                "cannot be reached: connection refused"
            ),
            Call(
                "migrate DIR/v1 DIR/new --ca-file DIR/absent",
                2,
                "DIR/absent cannot be used: No such file or directory"
            ),
            Call("migrate DIR/v1 DIR/new --ca-file DIR/file", 2, "it contains no PEM certificate"),
            Call(
                "migrate http://127.0.0.1:1 DIR/new --repositories DIR/absent",
                2,
                "cannot read DIR/absent: No such file"
            ),
            Call(
                "cert --host registry.test --directory DIR/half",
                1,
                "DIR/half/ca.crt exists but DIR/half/ca.key is missing: restore it to keep this authority, or move "
            ),
            Call(
                "cert --host registry.test --directory DIR/file/x",
                1,
                "cannot create the directory DIR/file/x: Not a directory"
            ),
            Call("htpasswd list DIR/absent", 1, "cannot read DIR/absent: No such file or directory"),
            Call("htpasswd delete DIR/file nobody", 1, "no user nobody in DIR/file"),
            Call("serve --root DIR/new --port 5001", 64, "There is no --port: use --address :5001."),
            Call("serve --config DIR/config.yml", 64, "There is no --config: pass the file as an argument"),
            Call(
                "serve --root DIR/new --address no.such.host.invalid:5200",
                1,
                "cannot listen on no.such.host.invalid:5200: unknown host"
            ),
            Call(
                "serve --root DIR/new --address 5200",
                1,
                "'5200' is not an address to listen on, like 0.0.0.0:5000"
            ),
            Call("serve DIR", 1, "cannot read DIR: it is a directory: to serve one, name it with --root"),
            Call("serve DIR/broken.yml", 1, "it is not YAML: line 3, column 1: did not find expected node content"),
            Call("serve DIR/twice.yml", 1, "it is not YAML: line 2: duplicate key: addr"),
            Call("serve DIR/bytes.yml", 1, "cannot read DIR/bytes.yml: it is not UTF-8 text"),
            Call("serve --root DIR/file", 1, "DIR/file: Not a directory"),
            Call("serve DIR/absent-certificate.yml", 1, "cannot read /nowhere/cert.pem: No such file or directory"),
            Call("serve DIR/empty-certificate.yml", 1, "DIR/file does not contain a certificate in PEM"),
            Call("config check DIR/directory.yml", 1, "auth.htpasswd.path is DIR, which is a directory: name a file"),
            Call("config check DIR/no-effect.yml", 1, "a key has no effect: remove or correct"),
            Call(
                "config check DIR/no-login.yml",
                1,
                "access.0 can never allow anything: it applies to users, but nobody can"
            ),
            Call("config check DIR/no-group.yml", 1, "access.1 can never allow anything: there is no group 'ops' in "),
            Call(
                "config check DIR/no-name.yml",
                1,
                "no repository name can match 'team/app:latest', which has a colon"
            ),
        ]

        @Test("are sentences that say what happened, to what, and never dumps", arguments: calls)
        func sentences(call: Call) async throws {
            try await withTemporaryDirectory { directory in
                _ = try await GoldenTree("centos6-like", in: directory)
                try FileManager.default.moveItem(atPath: directory.path("centos6-like"), toPath: directory.path("v1"))
                try prepare(directory)
                let arguments = call.arguments.map { $0.replacing("DIR", with: directory.path) }
                let result = try await Program.longshore.run(arguments, timeLimit: .seconds(60))
                #expect(result.status == call.status, "\(result.errorText)")
                let said = result.errorText
                #expect(said.contains(call.sentence.replacing("DIR", with: directory.path)), "\(said)")
                expectNoDump(said)
                // Wrong arguments also print the usage.
                if call.status != 64 { #expect(said.split(separator: "\n").count <= 2, "\(said)") }
            }
        }

        @Test("about a registry without v1 and one that requires a login say what to do", .needs("curl"))
        func registries() async throws {
            try await withTemporaryDirectory { directory in
                try await withLongshore(serving: directory.path("v2"), options: ["--legacy-enabled", "false"]) {
                    server in
                    let result = try await migrate("http://\(server.host)", directory.path("new"))
                    #expect(result.status == 2)
                    #expect(
                        result.errorText.contains("http://\(server.host) does not speak v1: "),
                        "\(result.errorText)"
                    )
                    expectNoDump(result.errorText)
                    let page = try await Curl.request(server.url("/v2/_catalog?n=5000"))
                    #expect(page.status == 400)
                    #expect(page.text.contains("n=5000 is too many: a page has at most 1000 results"), "\(page.text)")
                    #expect(try await Curl.request(server.url("/v2/_catalog/")).status == 200)
                }
                let users = directory.path("users")
                _ = try await Program.longshore.run([
                    "htpasswd", "add", users, "ci", "--password", "secret", "--cost", "4",
                ])
                .succeeded()
                try await withLongshore(serving: directory.path("closed"), options: ["--htpasswd", users]) { server in
                    let tree = try await GoldenTree("centos6-like", in: directory)
                    let work = ["--work", directory.path("work")]
                    let anonymous = try await migrate(tree.path, "http://\(server.host)", work)
                    #expect(anonymous.status == 2)
                    let name =
                        "put the user in the address (http://USER@\(server.host)), and the password in "
                        + "LONGSHORE_DESTINATION_PASSWORD"
                    #expect(anonymous.errorText.contains(name), "\(anonymous.errorText)")
                    let unnamed = try await migrate(tree.path, "http://ci@\(server.host)", work)
                    let missing = "there is no password for ci: set LONGSHORE_DESTINATION_PASSWORD"
                    #expect(unnamed.errorText.contains(missing), "\(unnamed.errorText)")
                }
            }
        }

        @Test("about a run in which every tag failed do not say that there was nothing to do")
        func everyTagFailed() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try FileManager.default.removeItem(atPath: "\(tree.path)/images")
                try directory.makeDirectory("centos6-like/images")
                let result = try await migrate(tree.path, directory.path("new"))
                #expect(result.status == 1)
                #expect(result.text.contains("Nothing was converted: every tag failed"), "\(result.text)")
                #expect(!result.text.contains("Nothing to do"))
            }
        }

        private func expectNoDump(_ text: String) {
            for sign in [
                "NSCocoaError", "Error Domain", "SocketAddressError", "NIOSSLError", "(method:", "Optional(",
                "UserInfo",
            ] {
                #expect(!text.contains(sign), "\(text)")
            }
        }

        private func prepare(_ directory: TemporaryDirectory) throws {
            try directory.write(Data(), to: "file")
            try directory.makeDirectory("half")
            try directory.write(Data(), to: "half/ca.crt")
            try directory.write(Data([0x61, 0xFF, 0xFE]), to: "bytes.yml")
            func configuration(_ name: String, _ text: String) throws {
                try directory.write(Data("version: 0.1\n\(text)\n".utf8), to: "\(name).yml")
            }
            try configuration(
                "absent-certificate",
                "http: {tls: {certificate: /nowhere/cert.pem, key: /nowhere/key.pem}}"
            )
            let file = directory.path("file")
            try configuration("empty-certificate", "http: {tls: {certificate: \(file), key: \(file)}}")
            let login = "auth: {htpasswd: {realm: r, path: \(file)}}"
            try configuration("directory", "auth: {htpasswd: {realm: r, path: \(directory.path)}}")
            try configuration("broken", "a: [")
            try configuration("twice", "http: {addr: a, addr: b}")
            try configuration("no-effect", "redis: {addr: localhost}")
            try configuration("no-login", "access: [ci pull]")
            try configuration("no-group", "\(login)\naccess: [ci pull, '@ops pull']\naccess-groups: {dev: [ci]}")
            try configuration("no-name", "\(login)\naccess: [ci pull team/app:latest]")
        }
    }
}
