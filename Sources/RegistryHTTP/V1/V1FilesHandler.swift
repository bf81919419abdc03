import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore
import Storage
import SystemLibraries

/// `GET /v1/images/ID/files`: what is in an image's layer.
struct V1FilesHandler: Sendable {
    let registry: Registry
    /// What whoever sent the request may do.
    let permissions: Permissions

    /// A list that docker-registry has stored is answered as it is. That the image's JSON is missing does not matter.
    func answer(_ request: RegistryRequest, _ text: String) async throws -> HTTPAnswer {
        let images = V1ImageHandler(registry: registry, permissions: permissions)
        let id = try images.id(text)
        let passage = try await images.passage(to: id)
        let layer = try await registry.legacyImages.openLayer(of: id, by: passage)
        if let answer = V1ImageHandler.notModified(request) { return answer }
        if passage.isThroughTree, let stored = try await registry.tree.files(id) {
            return HTTPAnswer(v1Document: stored, headers: V1Headers.cached(.json))
        }
        let files: JSONValue
        do {
            files = try await list(layer)
        } catch is LayerDamage, is TarDamage, is DecompressionError {
            throw RegistryError.legacy(.layerUnreadable(id))
        }
        return HTTPAnswer(v1Status: 200, json: files, headers: V1Headers.cached(.json))
    }

    private func list(_ layer: any ObjectReader) async throws -> JSONValue {
        var files: [JSONValue] = []
        try await layer.forEachTarEvent(layer.detectCompression()) { event in
            guard case .entry(let entry) = event, let file = Self.description(of: entry) else { return }
            files.append(file)
        }
        return .array(files)
    }

    /// Name, type, whether it is a white-out, size, time, mode, owner and group; nil for a union file system's own.
    private static func description(of entry: TarEntry) -> JSONValue? {
        var name = String(decoding: entry.name, as: UTF8.self)
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        if name == "." { name = "/" }
        if name.hasPrefix("./") { name = "/" + name.dropFirst(2) }
        let isDeleted = name.hasPrefix("/.wh.")
        if isDeleted { name = "/" + name.dropFirst(5) }
        if name.hasPrefix("/.wh.") { return nil }
        return .array([
            .string(name), .string(letter(of: entry)), .boolean(isDeleted), .integer(entry.byteCount),
            .integer(entry.modified), .integer(entry.mode), .integer(entry.userID), .integer(entry.groupID),
        ])
    }

    private static func letter(of entry: TarEntry) -> String {
        switch entry.type {
        case 0 where entry.name.last == UInt8(ascii: "/"): "d"
        case 0, UInt8(ascii: "0"): "f"
        case UInt8(ascii: "1"): "l"
        case UInt8(ascii: "2"): "s"
        case UInt8(ascii: "3"): "c"
        case UInt8(ascii: "4"): "b"
        case UInt8(ascii: "5"): "d"
        case UInt8(ascii: "6"): "i"
        case UInt8(ascii: "7"): "t"
        case UInt8(ascii: "S"): "S"
        default: "u"
        }
    }
}
