package import Foundation
package import ImageModel
import NIOCore
package import RegistryCore
package import Storage
import SystemLibraries

/// A v1 tree that a test writes into a storage, image by image, like docker-registry.
package struct TestTree {
    package let storage: any ObjectStorage

    package init(storage: any ObjectStorage) { self.storage = storage }

    /// The folder `testdata`.
    package static let testdata = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "testdata")

    /// The bytes of a recorded layer from `testdata/layers`.
    package static func layer(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: testdata.appending(path: "layers/\(name)")))
    }

    /// An id made of one digit.
    package static func id(_ digit: Character) throws -> V1ImageID {
        try V1ImageID(parsing: String(repeating: digit, count: 64))
    }

    /// The JSON of an image.
    package static func json(_ id: V1ImageID, parent: V1ImageID? = nil) -> [UInt8] {
        let parent = parent.map { ",\"parent\":\"\($0)\"" } ?? ""
        let created = "\"created\":\"2015-01-01T12:34:56.5Z\""
        return Array("{\"id\":\"\(id)\"\(parent),\(created),\"docker_version\":\"1.5.0\",\"os\":\"linux\"}".utf8)
    }

    /// Writes a complete image and returns its id.
    @discardableResult
    package func add(_ digit: Character, layer: [UInt8], below parents: [V1ImageID] = []) async throws -> V1ImageID {
        let id = try Self.id(digit)
        let json = Self.json(id, parent: parents.first)
        try await write(json, V1Layout.json(id))
        try await write(layer, V1Layout.layer(id))
        let ancestry = ([id] + parents).map { "\"\($0)\"" }.joined(separator: ", ")
        try await write(Array("[\(ancestry)]".utf8), V1Layout.ancestry(id))
        let checksum = Digest(.sha256, of: json + Array("\n".utf8) + layer)
        try await write(Array("[\"\(checksum)\"]".utf8), V1Layout.checksum(id))
        return id
    }

    /// Points a tag to an image.
    package func tag(_ tag: String, _ name: V1RepositoryName, _ id: V1ImageID) async throws {
        guard let key = V1Layout.tag(tag, in: name) else { return }
        try await write(Array(id.description.utf8), key)
    }

    /// Replaces a file of the tree.
    package func write(_ bytes: [UInt8], _ key: ObjectKey) async throws {
        try await storage.write(ByteBuffer(bytes: bytes), to: key)
    }
}
