/// What the medium of a storage can do, as a value: whoever needs to know asks for this, never for the driver's type.
package struct StorageTraits: Sendable, Equatable {
    /// Which conditions of a ``WriteBatch`` decide between writers, in this process or in others.
    package enum Conditions: Sendable, Equatable {
        /// None: the last writer wins.
        case none
        /// ``WriteBatch/Condition/absent`` alone, as in most object stores.
        case absence
        /// All of them.
        case versions
    }

    /// Whether two keys can hold the same bytes, stored once. Where they cannot, a share is a copy.
    package let sharesBytes: Bool
    /// Whether the version of a prefix changes with each name that appears or goes directly below it: if not, only a
    /// new listing tells.
    package let prefixesHaveVersions: Bool
    /// Whether other programs may write to objects in place: a reader may find one empty or cut short, and reads again.
    package let foreignWritersTruncate: Bool
    /// Which conditions decide between writers.
    package let conditions: Conditions
    /// Whether several processes may write at the same time.
    package let isShared: Bool
    /// Whether two versions of an object differ even where it was changed twice within the grain of a clock.
    package let hasExactVersions: Bool

    package init(
        sharesBytes: Bool,
        prefixesHaveVersions: Bool,
        foreignWritersTruncate: Bool,
        conditions: Conditions,
        isShared: Bool,
        hasExactVersions: Bool = false
    ) {
        self.sharesBytes = sharesBytes
        self.prefixesHaveVersions = prefixesHaveVersions
        self.foreignWritersTruncate = foreignWritersTruncate
        self.conditions = conditions
        self.isShared = isShared
        self.hasExactVersions = hasExactVersions
    }

    /// Those of objects that are read and never change.
    package static let immutable = StorageTraits(
        sharesBytes: false,
        prefixesHaveVersions: false,
        foreignWritersTruncate: false,
        conditions: .none,
        isShared: false
    )
}
