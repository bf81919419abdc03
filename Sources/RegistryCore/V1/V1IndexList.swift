import ImageModel

/// The list of the images that were pushed to a repository: `_index_images`.
///
/// The first list is kept as it came. Those that follow are merged into it, one entry an image, of which the id and the
/// checksum stay, as docker-registry does it: the last request of a push sends an empty list, which must empty nothing.
/// Of several checksums the new list's first one stays.
struct V1IndexList {
    /// The bytes to be stored.
    let encoded: [UInt8]

    /// Merges `new` into `stored`, which is nil for a repository's first list.
    ///
    /// - Throws: ``LegacyRefusal/undecodableBody`` or ``LegacyRefusal/unexpectedBody`` for what is no JSON list. A
    ///   stored one that is damaged is replaced.
    init(_ new: [UInt8], mergedInto stored: [UInt8]?) throws {
        let entries = try Self.entries(new)
        guard let stored, let present = (try? JSONValue(parsing: stored))?.array else {
            encoded = new
            return
        }
        var order: [String] = []
        var known: Set<String> = []
        var checksums: [String: JSONValue] = [:]
        for entry in present + entries {
            guard let id = entry["id"]?.string else { continue }
            if known.insert(id).inserted { order.append(id) }
        }
        for entry in entries + present {
            guard let id = entry["id"]?.string, let checksum = entry["checksum"], checksums[id] == nil else { continue }
            checksums[id] = checksum
        }
        let merged = order.map { id -> JSONValue in
            let checksum = checksums[id].map { [JSONMember(key: "checksum", value: $0)] } ?? []
            return .object(checksum + [JSONMember(key: "id", value: .string(id))])
        }
        encoded = JSONValue.array(merged).pythonEncoded()
    }

    private static func entries(_ bytes: [UInt8]) throws -> [JSONValue] {
        guard String(validating: bytes, as: UTF8.self) != nil, let document = try? JSONValue(parsing: bytes) else {
            throw RegistryError.legacy(.undecodableBody)
        }
        guard let entries = document.array else { throw RegistryError.legacy(.unexpectedBody) }
        return entries
    }
}
