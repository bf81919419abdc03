package import Conversion
import ImageModel
package import RegistryCore

/// A line of a journal: something that a migration has done, or has found to be undoable, and what it found it for.
package enum JournalEntry: Codable, Sendable {
    case image(JournaledImage)
    case tag(JournaledTag)
    case blob(JournaledBlob)
}

/// What is known of an image that was read.
package struct JournaledImage: Codable, Sendable {
    /// The image.
    package let image: String
    /// The files as they were when it was read.
    package let stamps: ImageStamps
    /// Its parent, if it has one.
    package let parent: String?
    /// What was out of order and did no harm.
    package var notices: [String]
    /// What its layer became; nil for a damaged one, and for one of which nothing is known any more.
    package var record: LayerRecord?
    /// Why it cannot be converted; nil for a sound one.
    package let damage: String?

    /// The parent's id, or nil for a base.
    var parentID: V1ImageID? { parent.flatMap { try? V1ImageID(parsing: $0) } }
}

/// What a tag became.
package struct JournaledTag: Codable, Sendable, Equatable {
    /// Where it is in v1.
    package let v1Repository: String
    package let tag: String
    /// The file that names its image, as it was.
    package let stamp: FileStamp
    package let image: String
    /// The manifest that it named, where the source is a v2 directory.
    package let sourceManifest: String?
    /// Where it is in v2, and as what.
    package let repository: String
    package let format: ImageFormat
    package let manifest: String
    package let imageID: String
    /// How many bytes its layers have.
    package let byteCount: Int64
    /// Whether its manifest and configuration were read back; nil when they were not.
    package var isVerified: Bool?

    var imageIdentifier: V1ImageID? { try? V1ImageID(parsing: image) }
    var manifestDigest: Digest? { try? Digest(parsing: manifest) }
    var configurationDigest: Digest? { try? Digest(parsing: imageID) }
}

/// What is known of a blob that was written, and not linked.
package struct JournaledBlob: Codable, Sendable, Equatable {
    /// How far it is.
    package enum State: String, Codable, Sendable {
        /// It was written, or found to be there: nobody has read it back.
        case written
        /// It was read back, and is what it should be.
        case verified
        /// It was read back and is not what it should be, or is not there.
        case withdrawn
    }

    package let digest: String
    /// A repository of the destination that has it.
    package let repository: String
    package let state: State

    init(_ digest: Digest, in repository: RepositoryName, _ state: State) {
        self.digest = digest.description
        self.repository = repository.description
        self.state = state
    }
}
