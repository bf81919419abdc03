/// The version of an object when it was observed. Two versions of one key with different bytes are never equal.
///
/// Two keys that share their bytes (a hard link) have the same version. Its contents depend on the driver; its text
/// form can be stored and compared later.
package struct ObjectVersion: Sendable, Hashable {
    private enum Content: Hashable {
        /// A file: the inode number distinguishes files of the same size and time.
        case file(byteCount: Int64, modified: Int64, inode: UInt64)
        /// A number that changes with each version.
        case number(UInt64)
        /// A text of the driver's choice, such as an ETag.
        case tag(String)
    }

    private let content: Content

    /// The version of a file.
    ///
    /// - Parameters:
    ///   - modified: When its bytes last changed, in nanoseconds since 1970.
    ///   - inode: Distinguishes files of the same size and time.
    package init(byteCount: Int64, modified: Int64, inode: UInt64) {
        content = .file(byteCount: byteCount, modified: modified, inode: inode)
    }

    /// A version from a driver that numbers them.
    package init(number: UInt64) { content = .number(number) }

    /// A version from a driver that identifies them by text.
    package init(tag: String) { content = .tag(tag) }

    /// The version of the part of this object that starts at `offset`.
    package func part(at offset: Int64, byteCount: Int64) -> ObjectVersion {
        switch content {
        case .file(_, let modified, let inode):
            ObjectVersion(byteCount: byteCount, modified: modified, inode: inode &+ UInt64(bitPattern: offset))
        case .number, .tag: ObjectVersion(tag: "\(self) \(offset) \(byteCount)")
        }
    }

    /// The version of something made from two objects.
    func joined(with other: ObjectVersion) -> ObjectVersion { ObjectVersion(tag: "\(self) and \(other)") }
}

extension ObjectVersion: LosslessStringConvertible {
    /// Parses the text of ``description``; returns nil if it is malformed.
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
