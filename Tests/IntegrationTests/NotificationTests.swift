import Foundation
import Testing

extension Integration {
    /// The notifications of pushes, pulls, mounts and deletes.
    @Suite("notifications") struct NotificationTests {
        @Test(
            "are those of docker-registry, byte for byte, but for ids, times and addresses",
            .needs("curl", "docker-registry", "htpasswd", "python3")
        )
        func besideDockerRegistry() async throws {
            try await withTemporaryDirectory { directory in
                let users = try await Program("htpasswd").run(["-nbB", "-C", "4", "ci", "secret"]).succeeded()
                let file = try directory.write(Data(users.text.utf8), to: "users")
                func settings(_ recorder: RecorderProcess) -> [String] {
                    [
                        "auth: {htpasswd: {realm: Harbour, path: \(file)}}", "notifications:",
                        "  events: {includereferences: true}",
                        "  endpoints: [{name: recorder, url: '\(recorder.url)', headers: {X-Token: [a, b]}, timeout: 30s}]",
                    ]
                }
                let theirs = try await RecorderProcess(in: directory.path("theirs"))
                defer { theirs.running.discard() }
                let root = try directory.makeDirectory("their-root")
                let client = try await NotifiedClient(in: directory)
                let expected = try await withDockerRegistry(serving: root, settings: settings(theirs)) { host in
                    try await client.exercise(host)
                    let entries = try await theirs.entries(until: NotifiedClient.lastRepository)
                    return entries.map { client.comparable($0, host) }
                }
                try client.record(try theirs.entries)
                let ours = try await RecorderProcess(in: directory.path("ours"))
                defer { ours.running.discard() }
                let text =
                    """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(try directory.makeDirectory("our-root"))}, delete: {enabled: true}}

                    """ + settings(ours).joined(separator: "\n")
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    try await client.exercise(server.host)
                    let entries = try await ours.entries(until: NotifiedClient.lastRepository)
                    let found = entries.map { client.comparable($0, server.host) }
                    #expect(found.count == expected.count && found.count > 20)
                    for (one, other) in zip(found, expected) { #expect(one == other) }
                }
            }
        }

        @Test("are not lost while the receiver is away and the server is killed", .needs("curl", "python3"))
        func killed() async throws {
            try await withTemporaryDirectory { directory in
                let recorder = try await RecorderProcess(in: directory.path("record"))
                defer { recorder.running.discard() }
                try recorder.goDown()
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(try directory.makeDirectory("root"))}, delete: {enabled: true}}
                    notifications:
                      endpoints: [{name: recorder, url: '\(recorder.url)', timeout: 30s, threshold: 2, backoff: 50ms}]
                    """
                let file = directory.path("config.yml")
                var acknowledged: [String] = []
                for round in 0..<3 {
                    let server = try await LongshoreProcess(configuration: text, in: file)
                    defer { server.running.discard() }
                    let pushing = Task { try await Self.push(round, to: server.host, in: directory) }
                    // In the middle of a push, as far as chance has it.
                    try await server.running.waitUntil {
                        try Self.records(in: directory) >= acknowledged.count + 8 + round
                    }
                    try await server.running.kill()
                    acknowledged += try await pushing.value
                }
                #expect(acknowledged.count >= 20)
                try recorder.comeBack()
                try await withLongshore(configuration: text, in: file) { server in
                    _ = try await Self.push(9, to: server.host, in: directory, limit: 1)
                    let entries = try await recorder.entries(until: #""tag": "9-0""#)
                    let notified = entries.compactMap { entry in
                        entry.body.firstMatch(of: /"tag": "([^"]*)"/).map { String($0.1) }
                    }
                    #expect(Set(acknowledged).subtracting(notified).isEmpty)
                    // In order, each once: none was sent before the receiver came back.
                    #expect(Set(notified).count == notified.count)
                    #expect(notified.filter(Set(acknowledged).contains) == acknowledged)
                    // None that did not happen.
                    for tag in notified {
                        #expect(try await Curl.request(server.url("/v2/a/manifests/\(tag)")).status == 200)
                    }
                    try await server.running.waitUntil { try Self.records(in: directory) == 0 }
                }
            }
        }

        /// The number of stored notifications.
        private static func records(in directory: TemporaryDirectory) throws -> Int {
            let place = directory.path("root/longshore/events/recorder")
            guard FileManager.default.fileExists(atPath: place) else { return 0 }
            return try FileManager.default.contentsOfDirectory(atPath: place).count { !$0.hasPrefix(".") }
        }

        /// Pushes manifests until the server is gone, and returns the tags of those that were accepted.
        private static func push(
            _ round: Int,
            to host: String,
            in directory: TemporaryDirectory,
            limit: Int = 1000
        ) async throws -> [String] {
            let type = "application/vnd.oci.image.index.v1+json"
            var accepted: [String] = []
            for number in 0..<limit {
                let tag = "\(round)-\(number)"
                let text = #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[],"annotations":{"n":"\#(tag)"}}"#
                let arguments = [
                    "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-H", "Content-Type: \(type)", "-d",
                    text, "http://\(host)/v2/a/manifests/\(tag)",
                ]
                let result = try await Program("curl").run(arguments)
                guard result.status == 0 else { break }
                #expect(result.text == "201")
                accepted.append(tag)
            }
            return accepted
        }

        @Test(
            "start with the configurations of GitLab and Portus as they are",
            .needs("curl"),
            arguments: ["gitlab-config.yml", "portus-config.yml"]
        )
        func configurations(name: String) async throws {
            try await withTemporaryDirectory { directory in
                let testdata = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                    .deletingLastPathComponent().appending(path: "testdata")
                let text = try String(contentsOf: testdata.appending(path: "notifications/\(name)"), encoding: .utf8)
                // Its paths and its ports are those of another machine.
                let environment = [
                    "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": try directory.makeDirectory("root"),
                    "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE": testdata.appending(path: "auth/bundle.pem").path,
                    "REGISTRY_HTTP_DEBUG_ADDR": "127.0.0.1:0",
                ]
                let file = directory.path("config.yml")
                try await withLongshore(configuration: text, in: file, environment: environment) { server in
                    let answer = try await Curl.request(server.url("/v2/"))
                    #expect(answer.status == 401)
                    #expect(try server.logCount("level=warn") == 0)
                }
            }
        }
    }
}
