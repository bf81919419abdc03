package import Storage

/// The properties of a file that reveal whether it has changed since it was read.
package struct FileStamp: Hashable, Sendable {
    /// The size in bytes.
    package let byteCount: Int64
    /// When it was last modified, in nanoseconds since 1970.
    package let modified: Int64
    /// Distinguishes it from earlier and later files of the same name.
    package let version: ObjectVersion

    /// The stamp of a file with these attributes.
    package init(_ attributes: ObjectAttributes) {
        self.byteCount = attributes.byteCount
        self.modified = attributes.modified
        self.version = attributes.version
    }
}

extension FileStamp: Codable {
    private enum CodingKeys: String, CodingKey {
        case byteCount, modified, version
        /// The inode number, in journals of Longshore 0.1.
        case identity
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        byteCount = try container.decode(Int64.self, forKey: .byteCount)
        modified = try container.decode(Int64.self, forKey: .modified)
        if let inode = try container.decodeIfPresent(UInt64.self, forKey: .identity) {
            version = ObjectVersion(byteCount: byteCount, modified: modified, inode: inode)
        } else {
            version = try container.decode(ObjectVersion.self, forKey: .version)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(byteCount, forKey: .byteCount)
        try container.encode(modified, forKey: .modified)
        try container.encode(version, forKey: .version)
    }
}

/// The stamps of all files of an image that a conversion reads.
package struct ImageStamps: Codable, Hashable, Sendable {
    /// The stamp of `json`; nil if there is no such file.
    package let json: FileStamp?
    /// The stamp of `layer`; nil if there is no such file.
    package let layer: FileStamp?
    /// The stamp of `ancestry`; nil if there is no such file.
    package let ancestry: FileStamp?
    /// The stamp of `_checksum`; nil if there is no such file.
    package let checksum: FileStamp?
    /// Whether `_inprogress` exists: the push of the image never ended.
    package let isInProgress: Bool
}
