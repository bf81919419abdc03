import HTTPTypes
import ImageModel
import Migration
import NIOCore
import RegistryClient
import RegistryCore
import RegistryHTTP
import Storage
import Synchronization
import TestSupport
import Testing

/// Migrations from a v1 registry that returns incomplete responses, or fails for some content.
@Suite struct ImperfectRegistryTests {
    let legacy = MemoryStorage()
    let modern = MemoryStorage()
    let centos = V1RepositoryName(namespace: "library", repository: "centos")
    let nested = V1RepositoryName(namespace: "team", repository: "group/app")
    let transport: RegistryTransport

    init() throws { transport = try ServedRegistry.transport() }

    private func fill() async throws {
        let tree = TestTree(storage: legacy)
        try await tree.tag("6", centos, try await tree.add("a", layer: try TestTree.layer("plain.tar.gz")))
        try await tree.tag("1", nested, try await tree.add("b", layer: try TestTree.layer("pax.tar.gz")))
    }

    private func migrate(
        names: [String]? = ["library/centos", "team/group/app"],
        altering alter: @escaping ServedRegistry.Alteration = { _, _ in },
        _ check: @escaping @Sendable (MigrationResult) async throws -> Void
    ) async throws {
        try await ServedRegistry.serving(legacy, altering: alter) { address in
            let source = try await RegistrySource(address, transport, names: names, workspace: modern)
            try await check(try await MigrationRun(source, DirectoryDestination(modern))())
        }
    }

    @Test("a layer of unknown size is fetched to its end")
    func untoldSize() async throws {
        try await fill()
        let size = try #require(HTTPField.Name("X-Docker-Size"))
        try await migrate { _, answer in
            answer.headers[size] = nil
        } _: { result in
            #expect(result.names == ["centos:6", "team/group/app:1"])
            #expect(result.readByteCount > 100)
        }
    }

    @Test(
        "absurd sizes are added up without overflow, and affect only their layers",
        arguments: [("9223372036854775807", 0), ("-1", 2), ("-9223372036854775808", 2), ("99999999999999999999", 2)]
    )
    func impossibleSizes(size: String, convertedCount: Int) async throws {
        try await fill()
        let field = try #require(HTTPField.Name("X-Docker-Size"))
        try await migrate { _, answer in
            if answer.headers[field] != nil { answer.headers[field] = size }
        } _: { result in
            #expect(result.tags.count == convertedCount && result.failures.count == 2 - convertedCount)
            #expect(result.failures.allSatisfy { $0.reason.contains("but the registry announced") })
            if convertedCount == 0 { #expect(result.plan.toHash.byteCount == .max) }
        }
    }

    @Test("a search with endless pages stops when nothing new arrives")
    func endlessSearch() async throws {
        try await fill()
        let count = Mutex(0)
        try await migrate(names: nil) { request, answer in
            guard request.path == "/v1/search" else { return }
            count.withLock { $0 += 1 }
            let page = #"{"num_pages": 9223372036854775807, "results": [{"name": "library/centos"}]}"#
            answer = RegistryResponse(.ok, body: .bytes(ByteBuffer(string: page)))
        } _: { result in
            #expect(result.names == ["centos:6"])
        }
        #expect(count.withLock { $0 } == 2)
    }

    @Test("a layer with another size than announced is not converted", arguments: [7, -7])
    func wrongSize(difference: Int) async throws {
        try await fill()
        let size = try #require(HTTPField.Name("X-Docker-Size"))
        try await migrate { request, answer in
            guard request.path.contains(String(repeating: "b", count: 64)) else { return }
            answer.headers[size] = answer.headers[size].flatMap { Int($0) }.map { "\($0 + difference)" }
        } _: { result in
            #expect(result.names == ["centos:6"])
            #expect(result.failures.first?.reason.contains("but the registry announced") == true)
        }
    }

    @Test(
        "a refused repository does not affect others",
        arguments: [HTTPResponse.Status.internalServerError, .forbidden]
    )
    func refused(status: HTTPResponse.Status) async throws {
        try await fill()
        try await migrate { request, answer in
            if request.path.hasPrefix("/v1/repositories/team") { answer = RegistryResponse(status) }
        } _: { result in
            #expect(result.names == ["centos:6"])
            #expect(result.failures.map(\.name) == ["team/group/app"])
            #expect(result.failures.first?.reason.contains("status \(status.code)") == true)
            #expect(!result.isComplete)
        }
    }

    @Test("a listed repository that does not exist is a failure")
    func unknown() async throws {
        try await fill()
        try await migrate(names: ["library/centos", "library/centoz"]) { result in
            #expect(result.names == ["centos:6"])
            #expect(result.failures.map(\.name) == ["library/centoz"])
            #expect(result.failures.first?.reason.contains("--repositories") == true)
        }
    }

    @Test("a registry without search is not mistaken for an empty one")
    func noSearch() async throws {
        try await fill()
        let error = await #expect(throws: NoSearch.self) {
            try await migrate(names: nil) { request, answer in
                if request.path == "/v1/search" { answer = RegistryResponse(.notFound) }
            } _: { _ in
            }
        }
        #expect(error?.description.contains("--repositories") == true)
    }

    @Test("a layer that arrived damaged once is fetched again by the next run")
    func mended() async throws {
        try await fill()
        let tree = TestTree(storage: legacy)
        try await tree.write(Array("garbage".utf8), V1Layout.layer(try TestTree.id("b")))
        try await migrate { #expect($0.names == ["centos:6"]) }
        try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"))
        try await migrate { #expect($0.names == ["centos:6", "team/group/app:1"]) }
    }
}
