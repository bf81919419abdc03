package import ImageModel
package import RegistryCore

/// An image that a tag needs, and what reading it will take.
package struct SurveyedImage: Sendable {
    /// Its parent, if it has one.
    package let parent: V1ImageID?
    /// The files as they are.
    package let stamps: ImageStamps
    /// The size of its layer.
    package let byteCount: Int64
    /// When its layer was last written to, in nanoseconds since 1970.
    package let modified: Int64
    /// Whether a push of it never ended.
    package let isInProgress: Bool
    /// What its layer became in an earlier run, when nothing has changed since; nil when it is to be read.
    package let record: LayerRecord?
    /// Whether the journal has all this.
    package let isJournaled: Bool
    /// The repository of the destination that is the first to need it.
    package var firstRepository: RepositoryName?
    /// What is out of order and does no harm.
    package var notices: [String] = []

    /// Whether it was imported before, so that nothing need be read.
    package var isKnown: Bool { record != nil }
}

/// Why an image cannot be converted, and which image of the chain it is that has the fault.
package struct ImageDamage: Error, Hashable, CustomStringConvertible {
    package let image: V1ImageID
    /// The whole sentence, the image named in it.
    package let description: String

    init(_ damage: DamagedImage) {
        self.image = damage.image
        self.description = damage.description
    }

    init(image: V1ImageID, reason: String) {
        self.image = image
        self.description = reason
    }
}
