/// How much work one layer may be that a client asks for in another form than it was pushed in: `layers`.
package struct LayerSettings: Sendable {
    /// The most bytes that may come out of a layer: `layers.maxsize`, in GiB.
    package var outputByteCount: Int64
    /// How many times its own size may come out of one, beyond the first 4 GiB: `layers.maxexpansion`.
    package var expansion: Int64
    /// How long one may be worked on: `layers.maxtime`.
    package var time: Duration

    init(_ reader: ValueReader) {
        outputByteCount = Int64(reader.number("layers.maxsize")) << 30
        expansion = Int64(reader.number("layers.maxexpansion"))
        time = reader.duration("layers.maxtime")
    }
}
