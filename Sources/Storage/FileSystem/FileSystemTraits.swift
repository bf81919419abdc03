/// What the file system below a root can do, as it was found by trying.
package struct FileSystemTraits: Sendable, Equatable {
    /// How much of something there is, and how much of it is left for this process.
    package struct Capacity: Sendable, Equatable {
        /// All of it, whoever has it.
        package let total: UInt64
        /// What this process may still take: without what is reserved for root.
        package let free: UInt64
    }

    /// Whether a file of each tree can have a second name in each other: without it, layers are copied.
    package let hasHardLinks: Bool
    /// Whether a file can be renamed from each tree into each other: without it, what is moved is copied.
    package let renamesAcrossTrees: Bool
    /// Whether the names in a directory can be made durable.
    package let syncsDirectories: Bool
    /// Whether a copy can share the blocks of its original.
    package let hasReflinks: Bool
    /// The bytes of the file system.
    package let bytes: Capacity
    /// Its inodes; nil where it has no table of them that can be full.
    package let inodes: Capacity?
    /// What is missing of all this, a sentence each, to be logged at the start. Reflinks are not missed where
    /// there are hard links.
    package let missing: [String]
}
