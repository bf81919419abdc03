import Foundation
import RegistryCore
import RegistryHTTP
import Testing

@Suite("Whether v1 clients may delete")
struct DeletePolicyTests {
    /// `legacy.delete`, `storage.delete.enabled`, whether there is a v1 tree; the answer.
    static let choices: [(Bool?, Bool?, Bool, Bool)] = [
        (nil, nil, true, true), (nil, nil, false, false), (nil, true, false, true), (nil, false, true, false),
        (true, nil, false, true), (true, false, true, false), (false, true, true, false), (false, nil, true, false),
    ]

    @Test(
        "is as it was where docker-registry has been, else as v2 has it, and no where the operator says no",
        arguments: choices
    )
    func policy(chosen: Bool?, deletes: Bool?, hasV1Tree: Bool, expected: Bool) {
        #expect(
            ServiceSettings.allowsLegacyDeletes(chosen: chosen, deletes: deletes, overV1Tree: hasV1Tree) == expected
        )
    }

    @Test("is refused with 405, and nothing is deleted", arguments: ["", "images", "tags", "tags/latest"])
    func refused(path: String) async throws {
        let tree = try ScratchTree()
        var settings = ServiceSettings()
        settings.allowsLegacyDeletes = false
        try await withRegistry(over: tree.open(), settings: settings) { port, _ in
            let image = TestImage(TestImage.id("de"), layer: try TestLayer.gzip(TestLayer.tar("d", [1])))
            let daemon = V1Daemon(port: port)
            _ = try await daemon.push(image)
            #expect(try await daemon.tag("a/b", "latest", image.id) == 200)
            #expect(try await daemon.delete("repositories/a/b/\(path)").status == 405)
            #expect(try await daemon.get("repositories/a/b/tags/latest").status == 200)
        }
    }

    @Test("does not matter where nothing may be written: every write of v1 is refused, and a conversion leaves nothing")
    func readOnly() async throws {
        let tree = try ScratchTree()
        let storage = try await tree.open()
        let image = TestImage(TestImage.id("de"), layer: try TestLayer.gzip(TestLayer.tar("d", [1])))
        try await withRegistry(over: storage, legacy: LegacySettings(conversion: .off)) { port, _ in
            let daemon = V1Daemon(port: port)
            _ = try await daemon.push(image)
            #expect(try await daemon.tag("a/b", "latest", image.id) == 200)
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: tree.path).sorted()
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
        #expect(try FileManager.default.subpathsOfDirectory(atPath: tree.path).sorted() == files)
    }
}
