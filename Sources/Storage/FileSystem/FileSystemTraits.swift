/// The capabilities of a root's file system, as found by probing.
package struct FileSystemTraits: Sendable, Equatable {
    /// The total and remaining amount of a resource.
    package struct Capacity: Sendable, Equatable {
        /// The total, including what others use.
        package let total: UInt64
        /// What this process may still use, excluding what is reserved for root.
        package let free: UInt64
    }

    /// Whether files can be hard-linked between all trees. If not, layers are copied.
    package let hasHardLinks: Bool
    /// Whether files can be renamed between all trees. If not, they are copied.
    package let renamesAcrossTrees: Bool
    /// Whether the names in a directory can be made durable.
    package let syncsDirectories: Bool
    /// Whether a copy can share the blocks of its original.
    package let hasReflinks: Bool
    /// Its capacity in bytes.
    package let bytes: Capacity
    /// Its capacity in inodes; nil if it has no fixed number of them.
    package let inodes: Capacity?
    /// The missing capabilities, one sentence each, to be logged at startup. Missing reflinks are not mentioned if hard
    /// links work.
    package let missing: [String]
}
