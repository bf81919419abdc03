/// The capabilities of a storage's medium. Callers check these instead of the driver's type.
package struct StorageTraits: Sendable, Equatable {
    /// Which conditions of a ``WriteBatch`` are enforced between writers, in this process or others.
    package enum Conditions: Sendable, Equatable {
        /// None: the last writer wins.
        case none
        /// Only ``WriteBatch/Condition/absent``, as in most object stores.
        case absence
        /// All conditions.
        case versions
    }

    /// Whether two keys can share bytes that are stored once. If not, sharing copies.
    package let sharesBytes: Bool
    /// Whether a prefix's version changes whenever a name directly below it appears or disappears. If not, only a new
    /// listing shows such changes.
    package let prefixesHaveVersions: Bool
    /// Whether other programs may write to objects in place: a reader may then see one empty or truncated, and must
    /// retry.
    package let foreignWritersTruncate: Bool
    /// Which conditions are enforced between writers.
    package let conditions: Conditions
    /// Whether several processes may write concurrently.
    package let isShared: Bool
    /// Whether versions differ even when an object changes twice within one clock tick.
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

    /// The traits of objects that are only read and never change.
    package static let immutable = StorageTraits(
        sharesBytes: false,
        prefixesHaveVersions: false,
        foreignWritersTruncate: false,
        conditions: .none,
        isShared: false
    )
}
