package import Conversion
import ImageModel
package import RegistryCore

/// A line of a journal: something a migration has done or found to be impossible, and the state of the source it saw.
package enum JournalEntry: Codable, Sendable {
    /// An image was read.
    case image(JournaledImage)
    /// A tag was converted, or its documents were read back.
    case tag(JournaledTag)
    /// A blob was written or read back.
    case blob(JournaledBlob)
}

/// The result of reading an image.
package struct JournaledImage: Codable, Sendable {
    /// The image.
    package let image: String
    /// The stamps of the files that were read.
    package let stamps: ImageStamps
    /// Its parent, if it has one.
    package let parent: String?
    /// Harmless irregularities.
    package var notices: [String]
    /// The converted layer; nil for a damaged one, and for one whose record is no longer valid.
    package var record: LayerRecord?
    /// Why it cannot be converted; nil if it can.
    package let damage: String?

    /// The parent's id, or nil for a base.
    var parentID: V1ImageID? { parent.flatMap { try? V1ImageID(parsing: $0) } }
}

/// The result of converting a tag.
package struct JournaledTag: Codable, Sendable, Equatable {
    /// The v1 repository.
    package let v1Repository: String
    /// The tag.
    package let tag: String
    /// The stamp of the file that names the tag's image.
    package let stamp: FileStamp
    /// The id of the v1 image that the tag points to.
    package let image: String
    /// The manifest the tag pointed to, when the source is a v2 directory.
    package let sourceManifest: String?
    /// The repository in v2.
    package let repository: String
    /// The format of the manifest.
    package let format: ImageFormat
    /// The digest of the manifest.
    package let manifest: String
    /// The digest of the configuration; empty if there is none.
    package let imageID: String
    /// The total size of its layers.
    package let byteCount: Int64
    /// Whether its manifest and configuration were read back successfully; nil when they were not read back.
    package var isVerified: Bool?

    var imageIdentifier: V1ImageID? { try? V1ImageID(parsing: image) }
    var manifestDigest: Digest? { try? Digest(parsing: manifest) }
    var configurationDigest: Digest? { try? Digest(parsing: imageID) }
}

/// The state of a blob that was written rather than linked.
package struct JournaledBlob: Codable, Sendable, Equatable {
    /// The result of writing or reading back a blob.
    package enum State: String, Codable, Sendable {
        /// Written or found to exist, but not read back.
        case written
        /// Read back and intact.
        case verified
        /// Read back and damaged or missing.
        case withdrawn
    }

    /// The digest of the blob.
    package let digest: String
    /// A repository of the destination that contains the blob.
    package let repository: String
    /// The last result of writing it or reading it back.
    package let state: State

    init(_ digest: Digest, in repository: RepositoryName, _ state: State) {
        self.digest = digest.description
        self.repository = repository.description
        self.state = state
    }
}
