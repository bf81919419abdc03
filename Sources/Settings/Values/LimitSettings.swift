/// How much all clients together may take: `http.limits`.
package struct LimitSettings: Sendable {
    /// The most connections at once; nil for two thirds of the files that may be open.
    package var connectionCount: Int?
    /// The most requests of HTTP/2 that are under way at once.
    package var streamCount: Int
    /// The most uploads of v2 that are open at once.
    package var uploadCount: Int
    /// The most images that v1 clients have begun and not ended.
    package var begunImageCount: Int

    init(_ reader: ValueReader) {
        connectionCount = reader.text("http.limits.connections").flatMap { Int($0) }
        streamCount = reader.number("http.limits.streams")
        uploadCount = reader.number("http.limits.uploads")
        begunImageCount = reader.number("http.limits.images")
    }
}
