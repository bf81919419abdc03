import Conversion
import Foundation
import ImageModel
import Migration
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct Schema1SourceTests {
    let source = MemoryStorage()
    let destination = MemoryStorage()
    let name: RepositoryName
    let old: ImageModel.Tag
    let new: ImageModel.Tag

    init() throws {
        name = try RepositoryName(parsing: "library/era")
        old = try Tag(parsing: "old")
        new = try Tag(parsing: "new")
    }

    /// Writes a recorded schema1 image as registry:2 would, and returns the id that engines give it.
    private func write(_ golden: String, as tag: ImageModel.Tag) async throws -> (manifest: Digest, imageID: String) {
        let signed = try SignedSchema1(verifying: Self.bytes("\(golden)/manifest.json"))
        let manifest = Digest(.sha256, of: signed.payload)
        for file in try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appending(path: "\(golden)/blobs").path
        ) {
            let blob = try Self.bytes("\(golden)/blobs/\(file)")
            try await put(blob, V2Layout.blobData(Digest(.sha256, of: blob)))
        }
        try await put(signed.payload, V2Layout.blobData(manifest))
        for key in [V2Layout.revisionLink(manifest, in: name), V2Layout.currentLink(tag, in: name)] {
            try await put(Array(manifest.description.utf8), key)
        }
        let imageID = String(decoding: try Self.bytes("\(golden)/imageid.txt"), as: UTF8.self)
        return (manifest, imageID.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func put(_ bytes: [UInt8], _ key: ObjectKey) async throws {
        try await source.write(ByteBuffer(bytes: bytes), to: key)
    }

    private func upgrade(
        to destination: any MigrationDestination,
        _ change: (inout MigrationOptions) -> Void = { _ in }
    ) async throws -> MigrationResult {
        try await MigrationRun(Schema1Source(source, identity: "source"), destination)(change)
    }

    @Test("images have the ids that engines give them, in either format", arguments: [ImageFormat.schema2, .oci])
    func imageIDs(format: ImageFormat) async throws {
        let first = try await write("schema1-162", as: old)
        let second = try await write("schema1-191", as: new)
        let result = try await upgrade(to: DirectoryDestination(destination)) { $0.format = format }
        #expect(result.names == ["library/era:new", "library/era:old"])
        #expect(Set(result.tags.map { $0.imageID?.description }) == [first.imageID, second.imageID])
        #expect(result.notices.isEmpty)
        for tag in result.tags {
            let bytes = try #require(try await destination.read(V2Layout.blobData(tag.manifest), limit: 1 << 20))
            let manifest = try Manifest(parsing: Array(buffer: bytes), contentType: nil)
            #expect(manifest.mediaType == format.manifestType)
            for layer in manifest.layers {
                #expect(try await destination.attributes(of: V2Layout.blobData(layer.digest))?.byteCount == layer.size)
            }
        }
        #expect(try await upgrade(to: DirectoryDestination(destination)) { $0.format = format }.changedNothing)
    }

    @Test("in place the tag points to the new manifest, the old one stays a revision, and other tags are unchanged")
    func inPlace() async throws {
        let schema1 = try await write("schema1-191", as: old)
        let other = Array(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#.utf8
        )
        let index = Digest(.sha256, of: other)
        try await put(other, V2Layout.blobData(index))
        for key in [V2Layout.revisionLink(index, in: name), V2Layout.currentLink(new, in: name)] {
            try await put(Array(index.description.utf8), key)
        }
        let result = try await upgrade(to: DirectoryDestination(source))
        let tag = try #require(result.tags.first)
        #expect(tag.imageID?.description == schema1.imageID)
        #expect(tag.outcome == .converted)
        #expect(result.copiedByteCount == 0)
        #expect(result.survey.leftOutTagCount == 1)
        #expect(try await read(V2Layout.currentLink(old, in: name)) == tag.manifest.description)
        #expect(try await read(V2Layout.currentLink(new, in: name)) == index.description)
        #expect(try await read(V2Layout.revisionLink(schema1.manifest, in: name)) == schema1.manifest.description)
        let again = try await upgrade(to: DirectoryDestination(source))
        #expect(again.tags.isEmpty)
        #expect(again.survey.leftOutTagCount == 2)
    }

    private func read(_ key: ObjectKey) async throws -> String? {
        try await source.read(key, limit: 200).map { String(buffer: $0) }
    }

    @Test("a tag moved to another schema1 manifest is converted again")
    func moved() async throws {
        _ = try await write("schema1-162", as: old)
        _ = try await upgrade(to: DirectoryDestination(destination))
        let second = try await write("schema1-191", as: old)
        let result = try await upgrade(to: DirectoryDestination(destination))
        #expect(result.tags.map(\.outcome) == [.converted])
        #expect(result.tags.first?.imageID?.description == second.imageID)
    }

    @Test("a layer that does not match its digest makes its tag fail")
    func otherBytes() async throws {
        _ = try await write("schema1-162", as: old)
        let schema1 = try SignedSchema1(verifying: Self.bytes("schema1-162/manifest.json"))
        let layers = try #require(Manifest(parsing: schema1.payload, contentType: .schema1).schema1?.layers)
        let largest = try #require(layers.first { $0 != EmptyLayer.digest })
        try await put(try TestTree.layer("plain.tar.gz"), V2Layout.blobData(largest))
        let result = try await upgrade(to: DirectoryDestination(destination))
        #expect(result.tags.isEmpty)
        #expect(result.failures.first?.reason.contains("does not have the digest \(largest)") == true)
        #expect(try await destination.attributes(of: V2Layout.blobData(largest)) == nil)
    }

    @Test(
        "a tag whose manifest is unreadable is not converted, and the others are",
        arguments: ["gone", "cut", "empty", "no link", "empty tag", "damaged tag"]
    )
    func unreadable(damage: String) async throws {
        let sound = try await write("schema1-162", as: old)
        let damaged = try await write("schema1-191", as: new)
        switch damage {
        case "gone": try await source.remove(V2Layout.blobData(damaged.manifest))
        case "cut": try await put(Array("{\"schemaVersion\": 1,".utf8), V2Layout.blobData(damaged.manifest))
        case "empty": try await put([], V2Layout.blobData(damaged.manifest))
        case "no link": try await source.remove(V2Layout.revisionLink(damaged.manifest, in: name))
        case "empty tag": try await put([], V2Layout.currentLink(new, in: name))
        default: try await put(Array("sha256:x".utf8), V2Layout.currentLink(new, in: name))
        }
        let result = try await upgrade(to: DirectoryDestination(destination))
        #expect(result.names == ["library/era:old"] && result.tags.first?.imageID?.description == sound.imageID)
        #expect(!result.isComplete)
        #expect(result.failures.map(\.name) == ["library/library/era:new"])
    }

    @Test("a tag that also exists in v1 is left to a conversion of v1")
    func bothLayouts() async throws {
        _ = try await write("schema1-162", as: old)
        let legacy = V1RepositoryName(namespace: "team", repository: "era")
        let twin = try RepositoryName(parsing: "team/era")
        let manifest = try #require(try await read(V2Layout.currentLink(old, in: name)))
        for key in [
            V2Layout.revisionLink(try Digest(parsing: manifest), in: twin), V2Layout.currentLink(old, in: twin),
        ] {
            try await put(Array(manifest.utf8), key)
        }
        let tree = TestTree(storage: source)
        try await tree.tag("old", legacy, try await tree.add("a", layer: try TestTree.layer("plain.tar.gz")))
        let result = try await upgrade(to: DirectoryDestination(source))
        #expect(result.names == ["library/era:old"])
        #expect(result.notices.map(\.subject) == ["repository team/era"])
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "testdata/engine")

    private static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }
}
