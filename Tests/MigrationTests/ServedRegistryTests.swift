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

    @Test("a remote registry is migrated like its directory, and a second time nothing is fetched")
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

    @Test("a partially fetched layer is resumed, and fetched whole when the part was wrong")
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

    @Test(
        "a layer whose response ends early is resumed, or restarted if the registry does not support ranges",
        arguments: [true, false]
    )
    func cutShort(hasRanges: Bool) async throws {
        try await fill()
        let direct = try await MigrationRun(from: legacy, to: MemoryStorage())()
        let ranges = Mutex<[String?]>([])
        try await ServedRegistry.serving(legacy) { request, answer in
            let isFirst = ranges.withLock { ranges in
                guard request.method == .get, request.path.hasSuffix("aa/layer"), ranges.count < 2 else {
                    return nil as Bool?
                }
                ranges.append(request.headers[.range])
                return ranges.count == 1
            }
            guard let isFirst, case .object(let reader, _) = answer.body else { return }
            if isFirst {
                answer = RegistryResponse(.ok, body: .object(reader, range: 0..<50))
            } else if !hasRanges {
                answer = RegistryResponse(.ok, body: .object(reader, range: 0..<reader.attributes.byteCount))
            }
        } _: { address in
            let source = try await RegistrySource(address, transport, names: ["library/centos"], workspace: modern)
            let result = try await MigrationRun(source, DirectoryDestination(modern))()
            #expect(result.names == ["centos:6"])
            #expect(direct.tags.map(\.manifest).contains(try #require(result.tags.first?.manifest)))
        }
        #expect(ranges.withLock { $0 } == [nil, "bytes=50-"])
    }

    @Test("each image is requested once, despite prefetching")
    func lookAhead() async throws {
        let tree = TestTree(storage: legacy)
        let base = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let names = (0..<20).map { V1RepositoryName(namespace: "team", repository: "app\($0)") }
        for (name, id) in zip(names, "bcdef0123456789bcdef") {
            try await tree.tag(
                "1",
                name,
                try await tree.add(id, layer: try TestTree.layer("pax.tar.gz"), below: [base])
            )
        }
        let counts = Mutex<[String: Int]>([:])
        try await ServedRegistry.serving(legacy) { request, _ in
            counts.withLock { $0[request.path, default: 0] += 1 }
        } _: { address in
            let source = try await RegistrySource(
                address,
                transport,
                names: names.map(\.description),
                workspace: modern
            )
            let result = try await MigrationRun(source, DirectoryDestination(modern))()
            #expect(result.tags.count == 20)
            #expect(result.failures.isEmpty)
        }
        let asked = counts.withLock { $0 }.filter { $0.key.hasSuffix("/json") }
        #expect(asked.count == 16)
        #expect(asked.values.allSatisfy { $0 == 1 })
    }

    @Test("a registry is sent only what it lacks, and an image of two repositories is mounted into the second")
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

    @Test("a tag that someone else has pushed to the registry is kept")
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
