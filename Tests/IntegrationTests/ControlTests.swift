import Foundation
import Testing

extension Integration {
    @Suite("The control socket") struct ControlTests {
        private func attributes(_ path: String) throws -> [FileAttributeKey: Any] {
            try FileManager.default.attributesOfItem(atPath: path)
        }

        private func list(_ root: String) async throws -> ProgramResult {
            try await Program.longshore.run(["repository", "list", "--root", root])
        }

        @Test("belongs to the server's user alone, works below a long path, and is removed at the end")
        func place() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory(String(repeating: "long", count: 40))
                let socket = "\(root)/longshore/control"
                try await withLongshore(serving: root) { server in
                    let found = try attributes(socket)
                    #expect(found[.type] as? FileAttributeType == .typeSocket)
                    #expect(found[.posixPermissions] as? NSNumber == 0o600)
                    #expect(try await list(root).succeeded().text.isEmpty)
                    #expect(try server.logCount("repository list") == 1)
                }
                #expect(!FileManager.default.fileExists(atPath: socket))
                #expect(try await list(root).succeeded().text.isEmpty)
            }
        }

        @Test("that a killed server left keeps no command waiting, and is replaced by the next server")
        func stale() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let killed = try await LongshoreProcess(serving: root)
                defer { killed.running.discard() }
                try await killed.running.kill()
                #expect(try attributes("\(root)/longshore/control")[.type] as? FileAttributeType == .typeSocket)
                // Nobody listens: the command does it itself.
                #expect(try await list(root).succeeded().text.isEmpty)
                try await withLongshore(serving: root) { server in
                    let listed = try await list(root).succeeded()
                    #expect(listed.text.isEmpty)
                    #expect(try server.logCount("repository list") == 1)
                }
            }
        }

        @Test("refuses other users", .needsRoot, .needs("setpriv"))
        func otherUsers() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    let arguments = ["repository", "delete", "app", "--root", root]
                    let (program, words) = try Program.asNobody(.longshore, arguments)
                    let refused = try await program.run(words)
                    #expect(refused.status == 1)
                    #expect(refused.errorText.contains("only root and the server's user may"), "\(refused.errorText)")
                    #expect(try server.logCount("command") == 0)
                    // Even if someone opens the socket to everyone.
                    try FileManager.default.setAttributes(
                        [.posixPermissions: 0o666],
                        ofItemAtPath: "\(root)/longshore/control"
                    )
                    let again = try await program.run(words)
                    #expect(again.status == 1)
                    #expect(again.errorText.contains("only root and the server's user may give commands"))
                    #expect(try server.logCount("command refused") == 1)
                }
            }
        }

        @Test("lets root command a server of another user", .needsRoot, .needs("setpriv"))
        func root() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try FileManager.default.setAttributes([.ownerAccountID: 65534], ofItemAtPath: root)
                try await withLongshore(serving: root, asNobody: true) { server in
                    #expect(try await list(root).succeeded().text.isEmpty)
                    let (program, words) = try Program.asNobody(.longshore, ["repository", "list", "--root", root])
                    #expect(try await program.run(words).succeeded().text.isEmpty)
                    #expect(try server.logCount("uid=0") == 1)
                    #expect(try server.logCount("uid=65534") == 1)
                }
            }
        }

        @Test("says what is wrong with a request")
        func requests() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    let known = Data("{}".utf8).base64EncodedString()
                    let requests = [
                        ("{\"task\":\"fly\",\"arguments\":\"\(known)\"}", "it does not know 'fly'"),
                        ("{\"task\":\"du\",\"arguments\":\"\(known)\"}", "it knows 'du' otherwise"),
                        ("fly", "it cannot read the request"),
                        (String(repeating: " ", count: 2 << 20), "the command's request is too long"),
                    ]
                    for (request, reason) in requests {
                        let reply = try ControlConnection.reply(to: Data("\(request)\n".utf8), root: root)
                        #expect(reply.contains("failed") && reply.contains(reason), "\(reply)")
                    }
                    #expect(try server.logCount("name=fly") == 2)
                    #expect(try await list(root).status == 0)
                }
            }
        }

        @Test("ends a task whose command goes away")
        func goneAway() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                for number in 0..<64 {
                    let hex = String(format: "%064x", number)
                    let folder = try directory.makeDirectory("registry/docker/registry/v2/blobs/sha256/00/\(hex)")
                    try Data("x".utf8).write(to: URL(filePath: "\(folder)/data"))
                }
                // It takes over a minute.
                let text = """
                    version: 0.1
                    storage:
                      filesystem: {rootdirectory: \(root)}
                      maintenance: {collection: {limit: {objects: 1}}}
                    """
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    let arguments = ["garbage-collect", "--grace", "0s", "--root", root]
                    let command = try RunningProgram(.longshore, arguments)
                    defer { command.discard() }
                    _ = try await command.waitForOutput { $0.contains("eligible for deletion") ? true : nil }
                    let beside = try await Program.longshore.run(arguments)
                    #expect(beside.status == 1 && beside.errorText.contains("a collection in this process"))
                    try await command.kill()
                    try await server.running.waitUntil(timeLimit: .seconds(30)) {
                        try server.logCount("the command was interrupted") == 1
                    }
                    #expect(try await Program.longshore.run(arguments + ["--dry-run"]).status == 0)
                }
            }
        }
    }
}
