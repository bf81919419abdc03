import Foundation
import Testing

extension Integration {
    @Suite("collections while images are deleted and pushed again all the time") struct CollectionChurnTests {
        private static let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Support/churn.py").path
        private static let pushCount = Requirement.isFull ? 10_000 : 400
        /// The number of kills of each part: no test may take as long as all kills of a full run.
        private static let killCount = Requirement.isFull ? 100 : 3
        private static let longestRound = Requirement.isFull ? 5000 : 1500

        /// What the clients did.
        private struct Churn: Decodable {
            let pushed: Int
            let deleted: Int
            let mounted: Int
            let refused: Int
            let checked: Int
            let images: Int
        }

        /// A directory whose server only collects when a command asks it to, keeps everything for two seconds, and
        /// remembers what it told clients to have.
        private static func configuration(_ root: String) -> String {
            """
            version: 0.1
            storage:
              filesystem: {rootdirectory: \(root)}
              delete: {enabled: true}
              maintenance: {collection: {enabled: true, interval: 24h, grace: 2s}}
            """
        }

        private static func arguments(_ verb: String, _ server: LongshoreProcess, in directory: TemporaryDirectory)
            -> [String]
        {
            [script, verb, server.host, directory.path("state")]
        }

        private static func collection(of root: String) -> [String] {
            ["garbage-collect", "--root", root, "--grace", "2s", "--delete-untagged", "--v1"]
        }

        /// Runs a collection in the server, or without one, and returns the number of bytes freed.
        private func collect(_ root: String) async throws -> Int {
            let text = try await Program.longshore.run(Self.collection(of: root)).succeeded().text
            return try #require(text.firstMatch(of: /(\d+) bytes freed/).flatMap { Int($0.1) })
        }

        private func churn(_ result: ProgramResult) throws -> Churn {
            try JSONDecoder().decode(Churn.self, from: try result.succeeded().output)
        }

        /// Pulls all images that clients were told are there.
        private func check(_ server: LongshoreProcess, in directory: TemporaryDirectory) async throws -> Churn {
            try churn(await Program("python3").run(Self.arguments("check", server, in: directory)))
        }

        private func verify(_ root: String) async throws -> ProgramResult {
            try await Program.longshore.run(["verify", "--root", root])
        }

        @Test("no image that was acknowledged is ever incomplete", .needs("python3"))
        func pushes() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let text = Self.configuration(root)
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    let arguments = Self.arguments("push", server, in: directory) + ["2", "\(Self.pushCount)"]
                    let clients = try RunningProgram(Program("python3"), arguments)
                    defer { clients.discard() }
                    var freed: [Int] = []
                    while try clients.result.status < 0 { freed.append(try await collect(root)) }
                    let churn = try churn(clients.result)
                    #expect(churn.pushed >= Self.pushCount && churn.deleted > 0 && churn.mounted > 0)
                    #expect(freed.contains { $0 > 0 }, "nothing was collected while images were pushed")
                    let checked = try await check(server, in: directory)
                    #expect(checked.checked == churn.images)
                    if Requirement.isFull {
                        print("\(churn), \(freed.count) collections freed \(freed.reduce(0, +)) bytes")
                    }
                }
                let result = try await verify(root)
                #expect(result.status == 0, "\(result.text)")
            }
        }

        @Test(
            "nor after kill -9 of the server and of a collector, at any moment; the next collection frees what they left",
            .needs("python3"),
            arguments: 0..<(Requirement.isFull ? 5 : 1)
        )
        func kills(part: Int) async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                var (pushed, leftovers) = (0, 0)
                for _ in 0..<Self.killCount {
                    pushed += try await killedServer(root, in: directory)
                    let collector = try RunningProgram(Program.longshore, Self.collection(of: root))
                    defer { collector.discard() }
                    // Not waiting for anything: it is killed between any two of its calls.
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
                    try await collector.kill()
                    let found = try await verify(root)
                    guard found.status != 0 else { continue }
                    leftovers += 1
                    _ = try await collect(root)
                    let left = try await verify(root)
                    #expect(left.status == 0, "\(found.text)\nand after a collection\n\(left.text)")
                }
                #expect(pushed > 0)
                if Requirement.isFull { print("part \(part): \(pushed) pushes, \(leftovers) times something was left") }
                try await withLongshore(serving: root) { _ = try await check($0, in: directory) }
            }
        }

        /// Serves for a while, with clients and collections, until the server is killed; returns the number of pushes.
        private func killedServer(_ root: String, in directory: TemporaryDirectory) async throws -> Int {
            let server = try await LongshoreProcess(
                configuration: Self.configuration(root),
                in: directory.path("config.yml")
            )
            defer { server.running.discard() }
            _ = try await check(server, in: directory)
            let clients = try RunningProgram(
                Program("python3"),
                Self.arguments("push", server, in: directory) + ["2", "1000000"]
            )
            defer { clients.discard() }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // The command of a collection in the server fails with the server.
                    while !Task.isCancelled { _ = try await Program.longshore.run(Self.collection(of: root)) }
                }
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...Self.longestRound)))
                try await server.running.kill()
                // Ends the command too, which may have begun to collect by itself.
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
                try await clients.waitUntilExit(timeLimit: .seconds(60))
                return try churn(clients.result).pushed
            }
        }
    }
}
