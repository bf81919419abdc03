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

/// Migrations from a v1 registry that does not tell everything, or not of everything.
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

    @Test("a layer whose size is not told is fetched to its end")
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
        "sizes that no layer has are added up all the same, and cost their layers alone",
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

    @Test("a search with pages without end is asked until nothing new comes")
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

    @Test("a layer that comes with other bytes than were told of is not converted", arguments: [7, -7])
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

    @Test("a repository that is refused fails alone", arguments: [HTTPResponse.Status.internalServerError, .forbidden])
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

    @Test("a repository that was listed and is not there is a failure")
    func unknown() async throws {
        try await fill()
        try await migrate(names: ["library/centos", "library/centoz"]) { result in
            #expect(result.names == ["centos:6"])
            #expect(result.failures.map(\.name) == ["library/centoz"])
            #expect(result.failures.first?.reason.contains("--repositories") == true)
        }
    }

    @Test("a registry without search is not taken for an empty one")
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

    @Test("a layer that came damaged once is fetched again by the next run")
    func mended() async throws {
        try await fill()
        let tree = TestTree(storage: legacy)
        try await tree.write(Array("garbage".utf8), V1Layout.layer(try TestTree.id("b")))
        try await migrate { #expect($0.names == ["centos:6"]) }
        try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"))
        try await migrate { #expect($0.names == ["centos:6", "team/group/app:1"]) }
    }
}
