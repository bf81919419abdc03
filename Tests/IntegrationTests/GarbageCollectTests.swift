import Foundation
import Testing

extension Integration {
    @Suite("longshore garbage-collect") struct GarbageCollectTests {
        private func blobCount(in root: String) throws -> Int {
            try FileManager.default.subpathsOfDirectory(atPath: "\(root)/docker/registry/v2/blobs")
                .count { $0.hasSuffix("/data") }
        }

        /// Pushes an image that shares no blobs with others.
        private func push(_ name: String, to server: LongshoreProcess) async throws {
            let push = V2Push(name, to: server)
            let type = "application/vnd.oci.image.config.v1+json"
            let configuration = try await push.blob(Data("{\"author\":\"\(name)\"}".utf8), type)
            let text =
                "{\"schemaVersion\":2,\"mediaType\":\"\(V2Push.imageType)\",\"config\":\(configuration),\"layers\":[]}"
            try await push.manifest(Data(text.utf8), as: "t")
        }

        @Test(
            "frees what a deleted tag alone needed, as registry:2's is called, with and without a server",
            .needs("curl")
        )
        func collects() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let config = try directory.write(
                    Data("{version: 0.1, storage: {filesystem: {rootdirectory: \(root)}}}".utf8),
                    to: "config.yml"
                )
                try await withLongshore(serving: root, options: ["--delete"]) { server in
                    try await push("a/kept", to: server)
                    try await push("a/gone", to: server)
                    let url = server.url("/v2/a/gone/manifests/t")
                    let digest = try await Curl.request(url, Curl.acceptsManifests).headers["docker-content-digest"]
                    let gone = server.url("/v2/a/gone/manifests/\(try #require(digest))")
                    #expect(try await Curl.request(gone, ["-X", "DELETE"]).status == 202)
                    let plan = try await Program.longshore.run(["garbage-collect", "--grace", "0s", "-d", config])
                    #expect(plan.status == 0 && plan.text.contains("no repository has it"))
                    #expect(try server.logCount("name=garbage-collect") == 1)
                }
                let before = try blobCount(in: root)
                let young = try await Program.longshore.run(["garbage-collect", config]).succeeded().text
                #expect(young.contains("0 blobs and 0 manifests eligible for deletion"))
                let arguments = ["garbage-collect", "--grace", "0s", "--delete-untagged=true", config]
                let plan = try await Program.longshore.run(arguments + ["--dry-run"]).succeeded().text
                #expect(plan.contains("blob eligible for deletion: sha256:") && plan.contains("would be freed"))
                #expect(try blobCount(in: root) == before)
                let done = try await Program.longshore.run(arguments).succeeded().text
                #expect(done.contains(" freed"))
                #expect(try blobCount(in: root) < before)
                // The directory of a repository that has just changed is removed in a later run.
                let again = try await Program.longshore.run(arguments).succeeded().text
                #expect(again.contains("0 blobs and 0 manifests eligible for deletion"))
                #expect(!FileManager.default.fileExists(atPath: "\(root)/docker/registry/v2/repositories/a/gone"))
                try await withLongshore(serving: root) { server in
                    let answer = try await Curl.request(server.url("/v2/a/kept/manifests/t"), Curl.acceptsManifests)
                    #expect(answer.status == 200)
                }
            }
        }

        @Test("the server collects by itself, and takes pushes meanwhile", .needs("curl"))
        func online() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let text = """
                    version: 0.1
                    storage:
                      filesystem: {rootdirectory: \(root)}
                      delete: {enabled: true}
                      maintenance: {collection: {enabled: true, interval: 1s, grace: 3s}}
                    """
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    for number in 0..<5 {
                        try await push("a/\(number)", to: server)
                        let url = server.url("/v2/a/\(number)/manifests/t")
                        let digest = try await Curl.request(url, Curl.acceptsManifests).headers["docker-content-digest"]
                        guard number > 0 else { continue }
                        let gone = server.url("/v2/a/\(number)/manifests/\(try #require(digest))")
                        #expect(try await Curl.request(gone, ["-X", "DELETE"]).status == 202)
                    }
                    // Only the first image is left: a manifest and a configuration.
                    try await server.running.waitUntil { try blobCount(in: root) == 2 }
                    #expect(try blobCount(in: root) == 2)
                    #expect(try server.logCount("collection finished") > 0)
                    let answer = try await Curl.request(server.url("/v2/a/0/manifests/t"), Curl.acceptsManifests)
                    #expect(answer.status == 200)
                }
            }
        }

        @Test("says what is wrong in a sentence")
        func refusals() async throws {
            let absent = try await Program.longshore.run(["garbage-collect", "--root", "/nowhere"])
            #expect(absent.status == 1 && absent.errorText.contains("/nowhere"))
            let grace = try await Program.longshore.run(["garbage-collect", "--root", "/", "--grace", "soon"])
            #expect(grace.status == 1 && grace.errorText.contains("grace"))
        }
    }
}
