import ImageModel

/// The list of images pushed to a repository: `_index_images`.
///
/// The first list is kept as received. Later ones are merged into it, with one entry per image that keeps only id and
/// checksum, as docker-registry does: the last request of a push sends an empty list, which must not clear anything. Of
/// several checksums the first one of the new list wins.
struct V1IndexList {
    /// The bytes to store.
    let encoded: [UInt8]

    /// Merges `new` into `stored`, which is nil for a repository's first list.
    ///
    /// - Throws: ``V1Refusal/undecodableBody`` or ``V1Refusal/unexpectedBody`` if `new` is not a JSON list. A damaged
    ///   stored list is replaced.
    init(_ new: [UInt8], mergedInto stored: [UInt8]?) throws {
        let list = try Self.list(new)
        guard let stored, let present = try? JSONText(parsing: stored, depthLimit: JSONValue.depthLimit),
            present.isArray
        else {
            encoded = new
            return
        }
        var order: [String] = []
        var known: Set<String> = []
        for list in [present, list] {
            list.forEachElement { entry in
                guard let id = entry["id"]?.string, known.insert(id).inserted else { return }
                order.append(id)
            }
        }
        var checksums: [String: JSONValue] = [:]
        for list in [list, present] {
            list.forEachElement { entry in
                guard let id = entry["id"]?.string, checksums[id] == nil, let checksum = entry["checksum"] else {
                    return
                }
                checksums[id] = JSONValue(checksum)
            }
        }
        let merged = order.map { id -> JSONValue in
            let checksum = checksums[id].map { [JSONMember(key: "checksum", value: $0)] } ?? []
            return .object(checksum + [JSONMember(key: "id", value: .string(id))])
        }
        encoded = JSONValue.array(merged).pythonEncoded()
    }

    private static func list(_ bytes: [UInt8]) throws -> JSONText {
        guard String(validating: bytes, as: UTF8.self) != nil,
            let document = try? JSONText(parsing: bytes, depthLimit: JSONValue.depthLimit)
        else { throw RegistryError.v1(.undecodableBody) }
        guard document.isArray else { throw RegistryError.v1(.unexpectedBody) }
        return document
    }
}
