import Foundation
import ImageModel
import RegistryCore
import RegistryHTTP
import SystemLibraries
import Testing

/// State that outlives a server, and changes by other programs.
@Suite(.enabled(if: ConformanceTarget.isOwn)) struct SurvivalTests {
    @Test(
        "an upload continues on the next server where it stopped",
        arguments: Digest.Algorithm.allCases,
        [true, false]
    )
    func restart(algorithm: Digest.Algorithm, keepsSavedHash: Bool) async throws {
        let content = TestFile.bytes(0..<3_000_000)
        let digest = Digest(algorithm, of: content)
        try await ConformanceTarget.withDirectory { root in
            let location = try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "kept")
                let location = try await client.begin("?digest-algorithm=\(algorithm.rawValue)")
                let answer = try await client.patch(location, Array(content[0..<1_000_001]), range: "0-1000000")
                #expect(answer.status == 202)
                return RegistryClient.path(of: location)
            }
            if !keepsSavedHash { try TestFiles.default.removeItem(atPath: "\(root)/longshore") }
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "kept")
                let status = try await client.send("GET", absolute: location)
                #expect(status["range"] == "0-1000000")
                let patched = try await client.patch(location, Array(content[1_000_001...]), range: "1000001-2999999")
                #expect(patched.status == 202)
                #expect(try await client.finish(location, digest).status == 201)
                #expect(try await client.send("GET", "blobs/\(digest)").body == content)
                let left = try TestFiles.default.subpathsOfDirectory(atPath: root)
                #expect(!left.contains { $0.contains("_uploads/") || $0.contains("longshore/uploads/") })
            }
        }
    }

    @Test("bytes that a dying server wrote but did not record belong to the upload too")
    func uncountedBytes() async throws {
        let content = TestFile.bytes(0..<100_000)
        try await ConformanceTarget.withDirectory { root in
            let location = try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "kept")
                let location = try await client.begin()
                _ = try await client.patch(location, Array(content[0..<50_000]))
                return RegistryClient.path(of: location)
            }
            let id = location.prefix { $0 != "?" }.split(separator: "/").last ?? ""
            let file = "\(root)/docker/registry/v2/repositories/kept/_uploads/\(id)/data"
            try TestFiles.default.append(content[50_000..<60_000], toPath: file)
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "kept")
                #expect(try await client.send("GET", absolute: location)["range"] == "0-59999")
                let answer = try await client.finish(location, Digest(.sha256, of: content), Array(content[60_000...]))
                #expect(answer.status == 201)
            }
        }
    }

    @Test("an upload without bytes continues on the next server, by its location alone")
    func begun() async throws {
        try await ConformanceTarget.withDirectory { root in
            let location = try await ConformanceTarget.withOwn(root: root) { port in
                RegistryClient.path(of: try await RegistryClient(port: port, repository: "kept").begin())
            }
            #expect(try TestFiles.default.subpathsOfDirectory(atPath: root).filter { $0.contains("upload") } == [])
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "kept")
                let path = String(location.prefix { $0 != "?" })
                #expect(try await client.send("GET", absolute: path).status == 404)
                #expect(try await client.patch(location, [1, 2, 3]).status == 202)
                // Later requests work from its files.
                let status = try await client.send("GET", absolute: path)
                #expect(status.status == 204 && status["range"] == "0-2")
                #expect(try await client.finish(path, Digest(.sha256, of: [1, 2, 3])).status == 201)
                #expect(try await client.send("GET", absolute: location).status == 404)
            }
        }
    }

    @Test("what another program writes into the directory is visible at once")
    func outsideChanges() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(configuration: Self.lookingEachTime, root: root) { port in
                let client = RegistryClient(port: port, repository: "first")
                let first = try await client.pushImage("first", tag: "latest")
                let second = try await client.pushImage("second", tag: "other")
                #expect(try await client.send("GET", "manifests/latest").body == first.bytes)
                #expect(try await client.send("GET", absolute: "/v2/_catalog").strings("repositories") == ["first"])
                let repositories = "\(root)/docker/registry/v2/repositories"
                try TestFiles.default.copyItem(atPath: "\(repositories)/first", toPath: "\(repositories)/second")
                #expect(
                    try await client.send("GET", absolute: "/v2/_catalog").strings("repositories") == [
                        "first", "second",
                    ]
                )
                let link = "\(repositories)/first/_manifests/tags/latest/current/link"
                try TestFiles.default.write(second.digest.description.utf8, toPath: link)
                #expect(try await client.send("GET", "manifests/latest").body == second.bytes)
                let tags = "\(repositories)/first/_manifests/tags"
                try TestFiles.default.copyItem(atPath: "\(tags)/latest", toPath: "\(tags)/more")
                #expect(try await client.send("GET", "tags/list").strings("tags") == ["latest", "more", "other"])
                #expect(try await client.send("GET", "manifests/more").body == second.bytes)
                try TestFiles.default.removeItem(atPath: "\(repositories)/second")
                #expect(try await client.send("GET", absolute: "/v2/_catalog").strings("repositories") == ["first"])
                try TestFiles.default.removeItem(atPath: "\(tags)/more")
                #expect(try await client.send("GET", "manifests/more").status == 404)
            }
        }
    }

    @Test("a manifest served from memory is updated when its files change, even if they were old")
    func changeOfOldFiles() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(configuration: Self.lookingEachTime, root: root) { port in
                let client = RegistryClient(port: port, repository: "first")
                let first = try await client.pushImage("first", tag: "latest")
                let second = try await client.pushImage("second", tag: "other")
                try Self.age(root)
                for _ in 0..<3 { #expect(try await client.send("GET", "manifests/latest").body == first.bytes) }
                let directory = "\(root)/docker/registry/v2/repositories/first/_manifests"
                let link = "\(directory)/tags/latest/current/link"
                try TestFiles.default.write(second.digest.description.utf8, toPath: link)
                #expect(try await client.send("GET", "manifests/latest").body == second.bytes)
                try TestFiles.default.write(first.digest.description.utf8, toPath: link)
                try Self.age(root)
                for _ in 0..<3 { #expect(try await client.send("GET", "manifests/latest").body == first.bytes) }
                try TestFiles.default.removeItem(atPath: "\(directory)/revisions/sha256/\(first.digest.hex)")
                #expect(try await client.send("GET", "manifests/latest").status == 404)
            }
        }
    }

    /// A registry that never serves cached file content.
    private static var lookingEachTime: Registry.Configuration {
        var configuration = Registry.Configuration(conversionConcurrency: 1)
        configuration.window = .zero
        return configuration
    }

    /// Makes all files look unchanged for an hour.
    private static func age(_ root: String) throws {
        let date = Date(timeIntervalSinceNow: -3600)
        for path in try TestFiles.default.subpathsOfDirectory(atPath: root) {
            try TestFiles.default.setAttributes([.modificationDate: date], ofItemAtPath: "\(root)/\(path)")
        }
    }

    @Test("an abandoned upload is removed after its time, and an active one is not")
    func expiry() async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, registry in
            let client = RegistryClient(port: port, repository: "a/b")
            let abandoned = try await client.begin()
            _ = try await client.patch(abandoned, [1, 2, 3])
            try Self.age(tree.path)
            let going = try await client.begin()
            _ = try await client.patch(going, [1, 2, 3])
            #expect(try await registry.uploads.removeAbandoned(for: .seconds(600), isDryRun: true) == 1)
            #expect(try await client.send("GET", absolute: abandoned).status == 204)
            #expect(try await registry.uploads.removeAbandoned(for: .seconds(600)) == 1)
            for (method, body) in [("GET", nil), ("PATCH", [4]), ("PUT", []), ("DELETE", nil)] as [(String, [UInt8]?)] {
                let query = method == "PUT" ? "&digest=\(Digest(.sha256, of: [1, 2, 3]))" : ""
                let answer = try await client.send(method, absolute: abandoned + query, [], body)
                #expect(answer.status == 404)
                #expect(try answer.codes == ["BLOB_UPLOAD_UNKNOWN"])
            }
            #expect(try await client.finish(going, Digest(.sha256, of: [1, 2, 3])).status == 201)
            #expect(try tree.snapshot().keys.filter { $0.contains("upload") }.isEmpty)
        }
    }

    @Test("a link under another algorithm's path names the blob by its content")
    func linkOfRegistry2() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "first")
                let content = Array("content".utf8)
                let digest = try await client.push(blob: content)
                let other = Digest(.sha512, of: content)
                let layers = "\(root)/docker/registry/v2/repositories/first/_layers/sha512/\(other.hex)"
                try TestFiles.default.write(digest.description.utf8, toPath: "\(layers)/link")
                #expect(try await client.send("GET", "blobs/\(other)").body == content)
                let second = client.repository("second")
                let mounted = try await second.send("POST", "blobs/uploads/?mount=\(other)&from=first")
                #expect(mounted.status == 201)
                #expect(try await second.send("GET", "blobs/\(other)").body == content)
            }
        }
    }
}
