package import ImageModel
package import RegistryCore

/// An image needed by a tag, and what it takes to read it.
package struct SurveyedImage: Sendable {
    /// Its parent, if it has one.
    package let parent: V1ImageID?
    /// The current stamps of its files.
    package let stamps: ImageStamps
    /// The size of its layer.
    package let byteCount: Int64
    /// When its layer was last written, in nanoseconds since 1970.
    package let modified: Int64
    /// Whether its push never ended.
    package let isInProgress: Bool
    /// The layer's record from an earlier import, if nothing has changed since; nil when it must be read.
    package let record: LayerRecord?
    /// Whether the journal already contains this.
    package let isJournaled: Bool
    /// The first repository of the destination that needs it.
    package var firstRepository: RepositoryName?
    /// Harmless irregularities.
    package var notices: [String] = []

    /// Whether it was imported before and need not be read.
    package var isKnown: Bool { record != nil }
}

/// Why an image cannot be converted, and which image of the chain is damaged.
package struct ImageDamage: Error, Hashable, CustomStringConvertible {
    /// The damaged image.
    package let image: V1ImageID
    /// The full sentence, including the image.
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
