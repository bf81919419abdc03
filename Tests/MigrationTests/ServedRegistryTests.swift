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

/// Migrations from and to a registry on a real socket: our own.
@Suite struct ServedRegistryTests {
    let legacy = MemoryStorage()
    let modern = MemoryStorage()
    let centos = V1RepositoryName(namespace: "library", repository: "centos")
    let transport: RegistryTransport

    init() throws { transport = try ServedRegistry.transport() }
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
        try await ServedRegistry.serving(legacy) { address in
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

    @Test("a layer that was fetched in part is taken up where it ended, and fetched whole when the part was wrong")
    func resumed() async throws {
        try await fill()
        let layer = try TestTree.layer("plain.tar.gz")
        for part in [Array(layer.prefix(50)), [UInt8](repeating: 7, count: 50)] {
            let modern = MemoryStorage()
            let key = OwnLayout.root.appending("fetched/\(try TestTree.id("a"))")
            try await modern.write(ByteBuffer(bytes: part), to: key)
            let ranges = Mutex<[String?]>([])
            try await ServedRegistry.serving(legacy) { request, _ in
                guard request.method == .get, request.path.hasSuffix("/layer") else { return }
                ranges.withLock { $0.append(request.headers[.range]) }
            } _: { address in
                let source = try await RegistrySource(address, transport, names: ["team/group/app"], workspace: modern)
                let result = try await MigrationRun(source, DirectoryDestination(modern))() {
                    $0.selection.excluded = [Glob("*:bad")]
                }
                #expect(result.names == ["team/group/app:1"])
            }
            #expect(ranges.withLock { $0 } == (part[0] == layer[0] ? ["bytes=50-"] : ["bytes=50-", nil]))
        }
    }

    @Test("a registry is sent what it has not, and an image of two repositories is mounted into the second")
    func destination() async throws {
        try await fill()
        try await ServedRegistry.serving(modern) { address in
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
        try await ServedRegistry.serving(modern) { address in
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
}
