package import Storage

/// What tells whether a file is still the one that was read: size, time and inode.
package struct FileStamp: Codable, Hashable, Sendable {
    package let byteCount: Int64
    /// In nanoseconds since 1970.
    package let modified: Int64
    package let identity: UInt64

    package init(_ attributes: ObjectAttributes) {
        self.byteCount = attributes.byteCount
        self.modified = attributes.modified
        self.identity = attributes.identity
    }
}

/// The stamps of all files of an image that a conversion looks at.
package struct ImageStamps: Codable, Hashable, Sendable {
    package let json: FileStamp?
    package let layer: FileStamp?
    package let ancestry: FileStamp?
    package let checksum: FileStamp?
    package let isInProgress: Bool
}
