import ImageModel
import Logging
import Migration
import NIOCore
import RegistryClient
import RegistryCore
import RegistryHTTP
import ServiceLifecycle
import Storage
import SystemLibraries
import TestSupport
import Testing

/// Migrations from and to a registry on a real socket: our own.
@Suite struct ServedRegistryTests {
    let legacy = MemoryStorage()
    let modern = MemoryStorage()
    let centos = V1RepositoryName(namespace: "library", repository: "centos")
    let transport: RegistryTransport

    /// Never closed: it is there for all tests.
    private static let shared = Result { try RegistryTransport(patience: .seconds(1)) }

    init() throws { transport = try Self.shared.get() }
    let nested = V1RepositoryName(namespace: "team", repository: "group/app")

    private func fill() async throws {
        let tree = TestTree(storage: legacy)
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let top = try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"), below: [root])
        try await tree.tag("6", centos, top)
        try await tree.tag("1", nested, root)
        try await tree.tag("bad", nested, try await tree.add("c", layer: Array("garbage".utf8)))
    }

    @Test("a registry that is served is taken over like its directory, and a second time nothing is fetched")
    func source() async throws {
        try await fill()
        let direct = try await MigrationRun(from: legacy, to: MemoryStorage())()
        try await serving(legacy) { address in
            let source = try await RegistrySource(
                address,
                transport,
                names: ["library/centos", "team/group%2Fapp"],
                workspace: modern
            )
            let result = try await MigrationRun(source, DirectoryDestination(modern))()
            #expect(result.names == direct.names)
            #expect(result.tags.map(\.manifest).sorted() == direct.tags.map(\.manifest).sorted())
            #expect(result.failures.map(\.tag) == ["bad"])
            #expect(result.linkedByteCount == 0)
            let again = try await MigrationRun(source, DirectoryDestination(modern))()
            #expect(again.changedNothing)
            #expect(try await modern.list(OwnLayout.root.appending("fetched")).isEmpty)
        }
    }

    @Test("a layer that was fetched in part is taken up where it ended")
    func resumed() async throws {
        try await fill()
        let part = Array(try TestTree.layer("plain.tar.gz").prefix(50))
        try await modern.write(ByteBuffer(bytes: part), to: OwnLayout.root.appending("fetched/\(try TestTree.id("a"))"))
        let counting = CountingStorage(legacy)
        try await serving(counting) { address in
            let source = try await RegistrySource(address, transport, names: ["team/group/app"], workspace: modern)
            let result = try await MigrationRun(source, DirectoryDestination(modern))()
            #expect(result.names == ["team/group/app:1"])
        }
    }

    @Test("a registry is sent what it has not, and an image of two repositories is mounted into the second")
    func destination() async throws {
        try await fill()
        try await serving(modern) { address in
            let destination = try await RegistryDestination(address, transport, workspace: MemoryStorage())
            let source = DirectorySource(legacy, identity: "source")
            let result = try await MigrationRun(source, destination)()
            #expect(result.names == ["centos:6", "team/group/app:1"])
            #expect(result.verifiedByteCount > result.copiedByteCount)
            #expect(try await MigrationRun(source, destination)().changedNothing)
            let fresh = try await RegistryDestination(address, transport, workspace: MemoryStorage())
            let other = try await MigrationRun(source, fresh)()
            #expect(other.tags.allSatisfy { $0.outcome == .unchanged })
            #expect(other.copiedByteCount == 0)
        }
        let layer = Digest(.sha256, of: try TestTree.layer("plain.tar.gz"))
        for name in ["centos", "team/group/app"] {
            let link = V2Layout.layerLink(layer, in: try RepositoryName(parsing: name))
            #expect(try await modern.attributes(of: link) != nil)
        }
    }

    @Test("a tag that somebody else has pushed to the registry is kept")
    func kept() async throws {
        try await fill()
        try await serving(modern) { address in
            let source = DirectorySource(legacy, identity: "source")
            let destination = try await RegistryDestination(address, transport, workspace: MemoryStorage())
            _ = try await MigrationRun(source, destination)()
            try await TestTree(storage: legacy).tag("6", centos, try TestTree.id("a"))
            let stranger = try await RegistryDestination(address, transport, workspace: MemoryStorage())
            let tag = try await MigrationRun(source, stranger)().tags.first { $0.tag.tag.description == "6" }
            #expect(tag?.outcome == .kept)
            let known = try await MigrationRun(source, destination)().tags.first { $0.tag.tag.description == "6" }
            #expect(known?.outcome == .converted)
        }
    }

    private func serving(
        _ storage: any ObjectStorage,
        _ body: @escaping @Sendable (RegistryAddress) async throws -> Void
    ) async throws {
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let registry = Registry(
            storage: storage,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 2),
            logger: silent
        )
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = RegistryServer(
            at: .address(ListenAddress(host: "127.0.0.1", port: 0)),
            responder: RegistryService(registry: registry, logger: silent),
            logger: silent,
            onRunning: { port.yield($0) }
        )
        let services = ServiceGroup(services: [server], logger: silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw CancellationError() }
            try await body(RegistryAddress(parsing: "http://127.0.0.1:\(port)", password: nil))
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }
}
