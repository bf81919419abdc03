import ImageModel

/// How the layers of an image came to be, as its configuration says, one entry for each v1 image.
struct ProjectedHistory {
    /// An entry: of a layer, or of a step that changed no file.
    struct Entry: Equatable {
        var created = GoTime.zero
        var author = ""
        var createdBy = ""
        var comment = ""
        var isEmptyLayer = false
    }

    /// The entries, bottom first; never none.
    let entries: [Entry]

    /// Reads `history`; where it is missing or does not add up to the layers, each layer has an entry that says nothing.
    init(_ configuration: JSONText, layerCount: Int) {
        let stated = (configuration["history"]?.elements ?? []).map(Entry.init)
        if !stated.isEmpty, stated.count(where: { !$0.isEmptyLayer }) == layerCount {
            entries = stated
        } else if layerCount > 0 {
            entries = Array(repeating: Entry(), count: layerCount)
        } else {
            entries = [Entry(isEmptyLayer: true)]
        }
    }

    /// Whether each entry is of a step that changed no file: all that ids need to know.
    static func areEmptyLayers(_ configuration: JSONText, layerCount: Int) -> [Bool] {
        let stated = (configuration["history"]?.elements ?? []).map { $0["empty_layer"]?.boolean ?? false }
        if !stated.isEmpty, stated.count(where: { !$0 }) == layerCount { return stated }
        return layerCount > 0 ? Array(repeating: false, count: layerCount) : [true]
    }
}

extension ProjectedHistory.Entry {
    fileprivate init(_ json: JSONText) {
        self.init(
            created: json["created"].flatMap { GoTime(parsing: $0.bytes) } ?? .zero,
            author: json["author"]?.string ?? "",
            createdBy: json["created_by"]?.string ?? "",
            comment: json["comment"]?.string ?? "",
            isEmptyLayer: json["empty_layer"]?.boolean ?? false
        )
    }

    /// The JSON of the v1 image that this entry is, with the keys in Docker's order.
    func json(id: V1ImageID, parent: V1ImageID?) -> [UInt8] {
        var writer = JSONWriter(.go)
        writer.object { writer in
            writer.key("id")
            writer.string(id.description)
            write("parent", parent?.description ?? "", to: &writer)
            write("comment", comment, to: &writer)
            writer.key("created")
            writer.string(created.description)
            writer.key("container_config")
            writer.object { writer in
                writer.key("Cmd")
                writer.array { $0.string(createdBy) }
            }
            write("author", author, to: &writer)
            if isEmptyLayer {
                writer.key("throwaway")
                writer.boolean(true)
            }
        }
        return writer.bytes
    }

    private func write(_ key: String, _ text: String, to writer: inout JSONWriter) {
        guard !text.isEmpty else { return }
        writer.key(key)
        writer.string(text)
    }
}
