/// A file, directory or link in a tar, as described by its headers.
package struct TarEntry: Sendable, Equatable {
    /// The path as written; not always UTF-8.
    package var name: [UInt8]
    /// The type character: `0` for a file, `5` for a directory.
    package let type: UInt8
    /// The permissions.
    package let mode: Int64
    /// The owner's user ID.
    package var userID: Int64
    /// The group ID.
    package var groupID: Int64
    /// The size of the content in bytes.
    package var byteCount: Int64
    /// The modification time, in seconds since 1970.
    package var modified: Int64
    /// The target of a link.
    package var linkName: [UInt8]
    /// The owner's name.
    package var userName: [UInt8]
    /// The group's name.
    package var groupName: [UInt8]
    /// The major number of a device; 0 in formats without device numbers.
    package let deviceMajor: Int64
    /// The minor number of a device; 0 in formats without device numbers.
    package let deviceMinor: Int64
    /// The extended attributes from pax records, by name.
    package var extendedAttributes: [String: [UInt8]] = [:]
}

extension TarEntry {
    /// Parses a header whose checksum and size have been verified.
    init(_ block: UnsafeRawBufferPointer) {
        let magic = Array(block[257..<265])
        let isPortable = magic.starts(with: Array("ustar\0".utf8))
        let isGNU = magic.starts(with: Array("ustar ".utf8))
        let prefix = isPortable ? Self.text(block[345..<500]) : []
        let name = Self.text(block[0..<100])
        self.init(
            name: prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name,
            type: block[156],
            mode: TarHeader.number(block[100..<108]) ?? 0,
            userID: TarHeader.number(block[108..<116]) ?? 0,
            groupID: TarHeader.number(block[116..<124]) ?? 0,
            byteCount: TarHeader.number(block[124..<136]) ?? 0,
            modified: TarHeader.number(block[136..<148]) ?? 0,
            linkName: Self.text(block[157..<257]),
            userName: isPortable || isGNU ? Self.text(block[265..<297]) : [],
            groupName: isPortable || isGNU ? Self.text(block[297..<329]) : [],
            deviceMajor: isPortable || isGNU ? TarHeader.number(block[329..<337]) ?? 0 : 0,
            deviceMinor: isPortable || isGNU ? TarHeader.number(block[337..<345]) ?? 0 : 0
        )
    }

    /// Applies the preceding pax records, which override the entry's own header.
    mutating func apply(_ records: [String: [UInt8]]) {
        if let path = records["path"] { name = path }
        if let path = records["linkpath"] { linkName = path }
        if let owner = records["uname"] { userName = owner }
        if let group = records["gname"] { groupName = group }
        if let number = records["uid"].flatMap(Self.integer) { userID = number }
        if let number = records["gid"].flatMap(Self.integer) { groupID = number }
        if let number = records["size"].flatMap(Self.integer) { byteCount = number }
        if let number = records["mtime"].flatMap(Self.integer) { modified = number }
        for (key, value) in records where key.hasPrefix(Self.attributePrefix) {
            extendedAttributes[String(key.dropFirst(Self.attributePrefix.count))] = value
        }
    }

    private static let attributePrefix = "SCHILY.xattr."

    private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// The integer part of a decimal number.
    private static func integer(_ text: [UInt8]) -> Int64? {
        Int64(String(decoding: text.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
    }
}
