/// What an object was when it was looked at: two versions of one key that have different bytes are not equal.
///
/// Two keys that share their bytes (a hard link) have the same version. What it is made of differs from driver to
/// driver; its text can be kept and compared later.
package struct ObjectVersion: Sendable, Hashable {
    private enum Content: Hashable {
        /// A file: its inode number tells it from another of the same size and time.
        case file(byteCount: Int64, modified: Int64, inode: UInt64)
        /// Another number for each version.
        case number(UInt64)
        /// A text of the driver's own, such as an ETag.
        case tag(String)
    }

    private let content: Content

    /// The version of a file.
    ///
    /// - Parameters:
    ///   - modified: When its bytes were last changed, in nanoseconds since 1970.
    ///   - inode: What tells it from another file of the same size and time.
    package init(byteCount: Int64, modified: Int64, inode: UInt64) {
        content = .file(byteCount: byteCount, modified: modified, inode: inode)
    }

    /// A version of a driver that counts them.
    package init(number: UInt64) { content = .number(number) }

    /// A version that the driver has a text for.
    package init(tag: String) { content = .tag(tag) }

    /// The version of a part of this object, from `offset` on.
    package func part(at offset: Int64, byteCount: Int64) -> ObjectVersion {
        switch content {
        case .file(_, let modified, let inode):
            ObjectVersion(byteCount: byteCount, modified: modified, inode: inode &+ UInt64(bitPattern: offset))
        case .number, .tag: ObjectVersion(tag: "\(self) \(offset) \(byteCount)")
        }
    }

    /// The version of what is made of two objects.
    func joined(with other: ObjectVersion) -> ObjectVersion { ObjectVersion(tag: "\(self) and \(other)") }
}

extension ObjectVersion: LosslessStringConvertible {
    package init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        switch parts.first {
        case "file":
            guard parts.count == 4, let byteCount = Int64(parts[1]), let modified = Int64(parts[2]),
                let inode = UInt64(parts[3])
            else { return nil }
            self.init(byteCount: byteCount, modified: modified, inode: inode)
        case "number":
            guard parts.count == 2, let number = UInt64(parts[1]) else { return nil }
            self.init(number: number)
        case "tag": self.init(tag: String(text.dropFirst(4)))
        default: return nil
        }
    }

    package var description: String {
        switch content {
        case .file(let byteCount, let modified, let inode): "file \(byteCount) \(modified) \(inode)"
        case .number(let number): "number \(number)"
        case .tag(let tag): "tag \(tag)"
        }
    }
}

extension ObjectVersion: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let version = ObjectVersion(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not the version of an object")
        }
        self = version
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
