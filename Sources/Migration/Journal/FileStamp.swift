package import Storage

/// The properties of a file that reveal whether it has changed since it was read.
package struct FileStamp: Hashable, Sendable {
    package let byteCount: Int64
    /// In nanoseconds since 1970.
    package let modified: Int64
    package let version: ObjectVersion

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
    package let json: FileStamp?
    package let layer: FileStamp?
    package let ancestry: FileStamp?
    package let checksum: FileStamp?
    package let isInProgress: Bool
}
