/// The names of files that are being written, beside the place where they will end.
///
/// They are in the destination's own directory, because a rename is atomic within one file system alone, and any
/// directory of the tree may be a mount or a link to another disk. No listing shows them, and nothing can be stored
/// under such a name.
enum StagingName {
    /// What every such name begins with.
    static let prefix = ".longshore-staging-"

    /// A name that no other writer has.
    static func unique() -> String { prefix + String(UInt64.random(in: .min ... .max), radix: 36) }

    /// Whether `name` is one.
    static func isStaging(_ name: String) -> Bool { name.utf8.starts(with: prefix.utf8) }
}
