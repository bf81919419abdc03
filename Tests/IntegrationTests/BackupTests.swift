import Foundation
import Testing

extension Integration {
    @Suite("the backup that README shows") struct BackupTests {
        private static let imageType = V2Push.imageType

        /// Pushes an image whose configuration no other has, and whose layer all have.
        private func push(_ name: String, to server: LongshoreProcess) async throws {
            let push = V2Push(name, to: server)
            let configuration = try await push.blob(
                Data("{\"author\":\"\(name)\"}".utf8),
                "application/vnd.oci.image.config.v1+json"
            )
            let layer = try await push.blob(Data("layer".utf8), "application/vnd.oci.image.layer.v1.tar")
            let text =
                "{\"schemaVersion\":2,\"mediaType\":\"\(Self.imageType)\",\"config\":\(configuration),\"layers\":[\(layer)]}"
            try await push.manifest(Data(text.utf8), as: "t")
        }

        private func delete(_ name: String, from server: LongshoreProcess) async throws {
            let url = server.url("/v2/\(name)/manifests/")
            let digest = try await Curl.request(url + "t", Curl.acceptsManifests).headers["docker-content-digest"]
            #expect(try await Curl.request(url + (try #require(digest)), ["-X", "DELETE"]).status == 202)
        }

        /// Whether a tag is pulled completely, with the right bytes.
        private func isComplete(_ name: String, _ tag: String, at server: LongshoreProcess) async throws -> Bool {
            let manifest = try await Curl.request(server.url("/v2/\(name)/manifests/\(tag)"), Curl.acceptsManifests)
            guard manifest.status == 200 else { return false }
            for match in manifest.text.matches(of: /sha256:[0-9a-f]{64}/) {
                let url = server.url("/v2/\(name)/blobs/\(match.0)")
                let digest = try await sha256(of: "(curl -sf '\(url)' || echo absent)")
                if digest != String(match.0) { return false }
            }
            return true
        }

        /// The repositories of v2 clients.
        private func repositories(of server: LongshoreProcess) async throws -> Set<String> {
            let catalogue = try await Curl.request(server.url("/v2/_catalog?n=1000")).text
            return Set(catalogue.matches(of: /"((?:app|old)\/[a-z0-9-]+)"/).map { String($0.1) })
        }

        @Test(
            "restores every image that was not pushed or deleted meanwhile, from a server under load that collects",
            .needs("rsync", "curl", "bash")
        )
        func underLoad() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let text = """
                    version: 0.1
                    storage:
                      filesystem: {rootdirectory: \(root)}
                      delete: {enabled: true}
                      maintenance: {collection: {enabled: true, interval: 1s, grace: 2s}}
                    """
                let lasting = (0..<4).flatMap { ["app/lasting-\($0)", "old/lasting-\($0)"] }
                try await withLongshore(configuration: text, in: directory.path("config.yml")) {
                    server in
                    for name in lasting {
                        if name.hasPrefix("app") {
                            try await push(name, to: server)
                        } else {
                            try await V1Push(name, to: server).run()
                        }
                    }
                    for number in 0..<4 { try await push("app/gone-\(number)", to: server) }
                    let end = directory.path("end")
                    let load = Task {
                        var number = 0
                        while !FileManager.default.fileExists(atPath: end) {
                            try await push("app/new-\(number)", to: server)
                            try await V1Push("old/new-\(number)", to: server).run()
                            if number < 4 { try await delete("app/gone-\(number)", from: server) }
                            if number > 1 { try await delete("app/new-\(number - 2)", from: server) }
                            number += 1
                        }
                    }
                    let (backup, original) = (directory.path("backup"), "/var/lib/docker-registry")
                    let block = try #require(ShownDocument.readme.blocks("sh").first { $0.contains("rsync") })
                    let commands = block.replacing(original, with: root).replacing("/var/lib/backup", with: backup)
                        .replacing("$(date +%F)", with: "now").replacing("\nrsync", with: "\nsleep 1\nrsync")
                    let script = "set -e\n\(commands)"
                    let result = try await Program("bash").run(["-c", script])
                    #expect(result.status == 0, "\(result.errorText)")
                    try await Task.sleep(for: .seconds(1))
                    try directory.write(Data(), to: "end")
                    try await load.value
                    #expect(try server.logCount("collection finished") > 1)
                }
                let restored = directory.path("backup/now")
                try await withLongshore(serving: restored) { server in
                    let present = try await repositories(of: server)
                    #expect(present.isSuperset(of: lasting))
                    #expect(present.contains { $0.hasPrefix("app/gone") })
                    for name in lasting {
                        let isComplete = try await isComplete(name, name.hasPrefix("app") ? "t" : "latest", at: server)
                        #expect(isComplete, "\(name)")
                    }
                    for name in lasting where name.hasPrefix("old") {
                        let tags = try await Curl.request(server.url("/v1/repositories/\(name)/tags")).text
                        let id = try #require(tags.firstMatch(of: /[0-9a-f]{64}/).map { String($0.0) })
                        for part in ["json", "ancestry", "layer"] {
                            #expect(try await Curl.request(server.url("/v1/images/\(id)/\(part)")).status == 200)
                        }
                    }
                }
            }
        }
    }
}
