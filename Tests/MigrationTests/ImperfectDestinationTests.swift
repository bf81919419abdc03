import HTTPTypes
import ImageModel
import Migration
import NIOCore
import RegistryClient
import RegistryCore
import RegistryHTTP
import Storage
import Synchronization
import SystemLibraries
import TestSupport
import Testing

/// Migrations to a v2 registry that loses content, or returns incomplete responses.
@Suite struct ImperfectDestinationTests {
    let legacy = MemoryStorage()
    let modern = MemoryStorage()
    let centos = V1RepositoryName(namespace: "library", repository: "centos")
    let nested = V1RepositoryName(namespace: "team", repository: "group/app")
    let transport: RegistryTransport

    init() throws { transport = try ServedRegistry.transport() }

    private func fill() async throws {
        let tree = TestTree(storage: legacy)
        try await tree.tag("6", centos, try await tree.add("a", layer: try TestTree.layer("plain.tar.gz")))
    }

    private func run(to address: RegistryAddress, workspace: MemoryStorage) async throws -> MigrationResult {
        let destination = try await RegistryDestination(address, transport, workspace: workspace)
        return try await MigrationRun(DirectorySource(legacy, identity: "source"), destination)()
    }

    @Test("an upload whose last response was lost is found among the blobs")
    func lostAnswer() async throws {
        try await fill()
        try await ServedRegistry.serving(modern) { request, answer in
            if request.method == .put, request.path.contains("/blobs/uploads/") { answer = RegistryResponse(.notFound) }
        } _: { address in
            let result = try await run(to: address, workspace: MemoryStorage())
            #expect(result.names == ["centos:6"])
        }
    }

    @Test("a chunk whose response was lost is not sent twice")
    func lostChunk() async throws {
        try await fill()
        let count = Mutex(0)
        try await ServedRegistry.serving(modern) { request, answer in
            guard request.method == .patch else { return }
            let isFirst = count.withLock {
                $0 += 1
                return $0 == 1
            }
            if isFirst { answer = RegistryResponse(.serviceUnavailable) }
        } _: { address in
            let result = try await run(to: address, workspace: MemoryStorage())
            #expect(result.names == ["centos:6"])
        }
        // One for the layer, one for the configuration.
        #expect(count.withLock { $0 } == 2)
    }

    @Test(
        "a registry that acknowledges what was not sent, or nothing of what was, is given up soon",
        arguments: [
            ("0-9223372036854775807", "malformed response"), ("0-99999999", "malformed response"),
            ("0-5", "it is stuck at byte 6"),
            ("5", "it is stuck at byte 6"), ("0-0", "it is stuck at byte 0"),
        ]
    )
    func acknowledgements(range: String, reason: String) async throws {
        try await fill()
        let count = Mutex(0)
        try await ServedRegistry.serving(modern) { request, answer in
            guard request.method == .patch else { return }
            count.withLock { $0 += 1 }
            answer = RegistryResponse(.accepted, headers: [.range: range])
        } _: { address in
            let result = try await run(to: address, workspace: MemoryStorage())
            #expect(result.names == [])
            #expect(result.failures.first?.reason.contains(reason) == true, "\(result.failures)")
        }
        #expect((1...6).contains(count.withLock { $0 }))
    }

    @Test("a configuration that comes back without an end is not the one that was sent")
    func endlessConfiguration() async throws {
        try await fill()
        let layer = Digest(.sha256, of: try TestTree.layer("plain.tar.gz"))
        try await ServedRegistry.serving(modern) { request, answer in
            guard request.method == .get, request.path.contains("/blobs/sha256:"),
                !request.path.contains(layer.hex)
            else { return }
            answer = RegistryResponse(.ok, body: .bytes(ByteBuffer(repeating: 0x20, count: 17 << 20)))
        } _: { address in
            let result = try await run(to: address, workspace: MemoryStorage())
            #expect(result.names == [] && result.interruption == nil)
            #expect(result.failures.first?.reason.contains("has other bytes") == true, "\(result.failures)")
        }
    }

    @Test("a registry that does not return a tag's digest is asked for the manifest")
    func untoldDigest() async throws {
        try await fill()
        let name = try #require(HTTPField.Name("Docker-Content-Digest"))
        try await ServedRegistry.serving(modern) { _, answer in
            answer.headers[name] = nil
        } _: { address in
            let result = try await run(to: address, workspace: MemoryStorage())
            #expect(result.names == ["centos:6"])
            let again = try await run(to: address, workspace: MemoryStorage())
            #expect(again.tags.map(\.outcome) == [.unchanged])
        }
    }

    @Test("a blob that the registry has lost is sent again when a tag needs it")
    func lostBlob() async throws {
        try await fill()
        let workspace = MemoryStorage()
        try await ServedRegistry.serving(modern) { address in
            _ = try await run(to: address, workspace: workspace)
        }
        let layer = Digest(.sha256, of: try TestTree.layer("plain.tar.gz"))
        try await modern.remove(V2Layout.blobData(layer))
        try await TestTree(storage: legacy).tag("1", nested, try TestTree.id("a"))
        try await ServedRegistry.serving(modern) { address in
            // The journal is that of the previous registry, on another port.
            let result = try await run(to: address, workspace: workspace)
            #expect(result.names == ["centos:6", "team/group/app:1"])
        }
        #expect(try await modern.attributes(of: V2Layout.blobData(layer)) != nil)
    }

    @Test("a token server that is down is named, and not reported as a refusal of the user")
    func tokenServer() async throws {
        try await ServedRegistry.serving(modern) { _, answer in
            let challenge = #"Bearer realm="http://127.0.0.1:9/token",service="test""#
            answer = RegistryResponse(.unauthorized, headers: [.wwwAuthenticate: challenge])
        } _: { address in
            let error = await #expect(throws: RegistryFailure.self) {
                try await run(to: address, workspace: MemoryStorage())
            }
            guard case .unreachable(origin: "http://127.0.0.1:9", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("the user is sent to a registry that asks for one")
    func basic() async throws {
        try await fill()
        try await ServedRegistry.serving(modern) { request, answer in
            guard request.headers[.authorization] != "Basic dXNlcjpzZWNyZXQ=" else { return }
            answer = RegistryResponse(.unauthorized, headers: [.wwwAuthenticate: #"Basic realm="test""#])
        } _: { address in
            let host = address.origin.dropFirst("http://".count)
            let named = try RegistryAddress(parsing: "http://user@\(host)", password: "secret")
            #expect(try await run(to: named, workspace: MemoryStorage()).names == ["centos:6"])
            let error = await #expect(throws: RegistryFailure.self) {
                try await run(to: address, workspace: MemoryStorage())
            }
            guard case .unauthorised = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
