import ImageModel

/// The JSON and the layer of an image that belong together, because their checksum was named.
struct PushedPair: Sendable {
    let json: [UInt8]
    let layer: PushedLayer
    /// The SHA-256 of the JSON, a newline and the layer.
    let checksum: Digest
}
