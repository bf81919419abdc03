import ImageModel

/// An entry of a configuration's `history`: how a layer was created.
struct HistoryEntry: Equatable {
    let created: GoTime
    let author: String
    let createdBy: String
    let comment: String
    /// Whether the entry has no layer.
    let isEmptyLayer: Bool

    /// The entry of a v1 image.
    init(_ record: V1Record, isEmptyLayer: Bool) {
        self.created = record.created
        self.author = record.author
        self.createdBy = record.createdBy
        self.comment = record.comment
        self.isEmptyLayer = isEmptyLayer
    }

    /// Writes the entry with keys in Docker's order, omitting empty values except `created`.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("created")
            writer.string(created.description)
            for (key, text) in [("author", author), ("created_by", createdBy), ("comment", comment)]
            where !text.isEmpty {
                writer.key(key)
                writer.string(text)
            }
            if isEmptyLayer {
                writer.key("empty_layer")
                writer.boolean(true)
            }
        }
    }
}
