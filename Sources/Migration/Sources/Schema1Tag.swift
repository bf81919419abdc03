import ImageModel
import SystemLibraries

/// A tag of a v2 directory that points to a schema1 manifest.
struct Schema1Tag: Sendable {
    /// The v2 repository.
    let name: RepositoryName
    let manifest: Digest
    /// When the tag was set, in nanoseconds since 1970.
    let modified: Int64
    /// The image that represents its topmost layer, or why there is none.
    let top: Result<V1ImageID, UnusableSchema1>
}

/// A layer of a schema1 manifest with all layers below it, as a v1 image.
struct Schema1Layer: Sendable {
    let id: V1ImageID
    let parent: V1ImageID?
    let blob: Digest

    /// The id is a hash of all layers from the base up, so images with common layers share it.
    init(_ blob: Digest, on parent: V1ImageID?) throws(MalformedV1ImageID) {
        let seed = "schema1 layer \(parent?.description ?? "") \(blob)"
        self.id = try V1ImageID(parsing: Digest(.sha256, of: Array(seed.utf8)).hex)
        self.parent = parent
        self.blob = blob
    }
}

/// A schema1 manifest from which no engine could create an image.
struct UnusableSchema1: Error, Equatable, CustomStringConvertible {
    let manifest: Digest
    let reason: String

    var description: String { "its schema1 manifest \(manifest) cannot be converted: \(reason)" }
}
