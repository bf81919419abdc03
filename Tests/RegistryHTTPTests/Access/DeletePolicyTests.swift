import Foundation
import RegistryCore
import RegistryHTTP
import Testing

@Suite("The permission of v1 clients to delete")
struct DeletePolicyTests {
    /// The settings, the history of the directory, and the resulting policy.
    struct Choice: Sendable {
        var chosen: Bool?
        var deletes: Bool?
        var bringsConfiguration = false
        var history = DirectoryHistory.longshore
        let isAllowed: Bool
        var key = "legacy.delete"
    }

    static let choices: [Choice] = [
        Choice(isAllowed: true), Choice(history: .dockerRegistry, isAllowed: true),
        Choice(history: .distribution, isAllowed: false), Choice(bringsConfiguration: true, isAllowed: false),
        Choice(bringsConfiguration: true, history: .dockerRegistry, isAllowed: false),
        Choice(deletes: true, history: .distribution, isAllowed: true),
        Choice(deletes: true, bringsConfiguration: true, isAllowed: true),
        Choice(deletes: false, history: .dockerRegistry, isAllowed: false, key: "storage.delete.enabled"),
        Choice(chosen: true, deletes: false, isAllowed: false, key: "storage.delete.enabled"),
        Choice(chosen: true, bringsConfiguration: true, history: .distribution, isAllowed: true),
        Choice(chosen: false, deletes: true, isAllowed: false),
        Choice(chosen: false, history: .dockerRegistry, isAllowed: false),
    ]

    @Test(
        "follows docker-registry where Longshore or docker-registry began, else the configuration",
        arguments: choices
    )
    func policy(choice: Choice) {
        let policy = V1DeletePolicy(
            chosen: choice.chosen,
            deletes: choice.deletes,
            bringsConfiguration: choice.bringsConfiguration,
            history: choice.history
        )
        #expect(policy == V1DeletePolicy(isAllowed: choice.isAllowed, key: choice.key), "\(choice)")
    }

    @Test("depends on a history that survives restarts")
    func history() async throws {
        let tree = try ScratchTree()
        let storage = try await tree.open()
        #expect(try await DirectoryHistory.read(in: storage, isReadOnly: true) == .longshore)
        try tree.write([], to: "docker/registry/v2/blobs/x")
        #expect(try await DirectoryHistory.read(in: storage, isReadOnly: false) == .distribution)
        try tree.write([], to: "repositories/library/x/tag_latest")
        #expect(try await DirectoryHistory.read(in: storage, isReadOnly: false) == .dockerRegistry)
        let fresh = try ScratchTree()
        let empty = try await fresh.open()
        #expect(try await DirectoryHistory.read(in: empty, isReadOnly: false) == .longshore)
        try fresh.write([], to: "docker/registry/v2/blobs/x")
        #expect(try await DirectoryHistory.read(in: empty, isReadOnly: false) == .longshore)
    }

    @Test(
        "is refused with a 405 that names the key, and nothing is deleted",
        arguments: ["", "images", "tags", "tags/latest"]
    )
    func refused(path: String) async throws {
        let tree = try ScratchTree()
        var settings = ServiceSettings()
        settings.v1Deletes = V1DeletePolicy(isAllowed: false, key: "storage.delete.enabled")
        try await withRegistry(over: tree.open(), settings: settings) { port, _ in
            let image = TestImage(TestImage.id("de"), layer: try TestLayer.gzip(TestLayer.tar("d", [1])))
            let daemon = V1Daemon(port: port)
            _ = try await daemon.push(image)
            #expect(try await daemon.tag("a/b", "latest", image.id) == 200)
            let answer = try await daemon.delete("repositories/a/b/\(path)")
            #expect(answer.status == 405)
            #expect(answer.text.contains("set storage.delete.enabled (or REGISTRY_STORAGE_DELETE_ENABLED) to true"))
            #expect(try await daemon.get("repositories/a/b/tags/latest").status == 200)
        }
    }

    @Test("does not matter in a read-only registry: every v1 write is refused, and a conversion leaves nothing")
    func readOnly() async throws {
        let tree = try ScratchTree()
        let storage = try await tree.open()
        let image = TestImage(TestImage.id("de"), layer: try TestLayer.gzip(TestLayer.tar("d", [1])))
        try await withRegistry(over: storage, v1: V1Settings(conversion: .off)) { port, _ in
            let daemon = V1Daemon(port: port)
            _ = try await daemon.push(image)
            #expect(try await daemon.tag("a/b", "latest", image.id) == 200)
        }
        let files = try TestFiles.default.subpathsOfDirectory(atPath: tree.path).sorted()
        try await withRegistry(over: storage, isReadOnly: true) { port, _ in
            let daemon = V1Daemon(port: port)
            for target in ["repositories/a/b/", "repositories/a/b/tags/x", "images/\(image.id)/json"] {
                #expect(try await daemon.put(target, Array("{}".utf8)).status == 405)
            }
            for path in ["", "tags", "tags/latest", "images"] {
                #expect(try await daemon.delete("repositories/a/b/\(path)").status == 405)
            }
            let layer = try await daemon.get("images/\(image.id)/layer").body
            #expect(layer == image.layer)
            #expect(try await V2Client(port: port).get("a/b/manifests/latest").status == 200)
        }
        #expect(try TestFiles.default.subpathsOfDirectory(atPath: tree.path).sorted() == files)
    }
}
