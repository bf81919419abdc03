import RegistryCore

/// The `Content-Range` of a chunk of an upload: `first-last`, with or without `bytes ` and `/size`.
struct ChunkRange: Equatable {
    /// The offset of the first byte.
    let first: Int64
    /// How many bytes the chunk says that it has.
    let byteCount: Int64

    init(parsing text: String) throws(RegistryError) {
        let bare = text.hasPrefix("bytes ") ? text.dropFirst("bytes ".count) : text[...]
        let bounds = bare.prefix { $0 != "/" }.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Int64(bounds[0]), let last = Int64(bounds[1]), first >= 0,
            last >= first - 1,
            last < .max
        else { throw .malformedRange(text) }
        self.first = first
        self.byteCount = last - first + 1
    }
}
