import ImageModel

/// The history of an image from its configuration, with one entry per v1 image.
struct ProjectedHistory {
    /// An entry for a layer, or for a step that changed no files.
    struct Entry: Equatable {
        var created = GoTime.zero
        var author = ""
        var createdBy = ""
        var comment = ""
        var isEmptyLayer = false
    }

    /// The entries, bottom first; never empty.
    let entries: [Entry]

    /// Parses `history`. If it is missing or inconsistent with the layers, each layer gets an empty entry.
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

    /// Whether each entry is a step that changed no files. Ids depend on nothing else in the history.
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

    /// The JSON of the v1 image for this entry, with keys in Docker's order.
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
