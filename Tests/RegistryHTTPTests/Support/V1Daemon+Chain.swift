import ImageModel
import Testing

extension V1Daemon {
    /// Pulls a tag like a daemon, and returns the ids of its chain, top first.
    func expectChain(_ name: String, _ tag: String) async throws -> [String] {
        #expect(try await get("repositories/\(name)/images").status == 200)
        let tags = try JSONValue(parsing: await get("repositories/\(name)/tags").body)
        let top = try #require(tags[tag]?.string)
        let ancestry = try JSONValue(parsing: await get("images/\(top)/ancestry").body)
        let ids = try #require(ancestry.array).compactMap(\.string)
        #expect(ids.first == top)
        for (index, id) in ids.enumerated() {
            let json = try await get("images/\(id)/json")
            let image = try V1Image(parsing: json.body)
            #expect(image.id.description == id)
            #expect(image.parent?.description == (index + 1 < ids.count ? ids[index + 1] : nil))
            let layer = try await get("images/\(id)/layer")
            #expect(layer.status == 200)
            #expect(json["x-docker-size"] == "\(layer.body.count)")
        }
        return ids
    }
}
