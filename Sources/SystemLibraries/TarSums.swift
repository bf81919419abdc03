import ImageModel

/// The sums of a tar's entries, which make the checksum that Docker up to 0.9 sends for a layer: a tarsum, version 0.
///
/// It covers what an engine unpacks and not how it is packed, so that the order of the files does not matter.
package struct TarSums: Sendable {
    private var sums: [[UInt8]: Digest] = [:]
    private var current: (name: [UInt8], hash: StreamingDigest)?

    /// Starts with no entry.
    package init() {}

    /// Takes what a ``TarEntryReader`` brings.
    package mutating func take(_ event: TarEntryReader.Event) {
        switch event {
        case .entry(let entry):
            var hash = StreamingDigest(.sha256)
            hash.update(Self.encoded(entry))
            current = (Self.key(entry.name), hash)
        case .content(let bytes): current?.hash.update(bytes)
        case .end:
            if let current { sums[current.name] = current.hash.digest() }
            current = nil
        }
    }

    /// The tarsum of the tar and of the JSON of the image that it is the layer of.
    package func tarsum(ofV1ImageJSON json: [UInt8]) -> String {
        var hash = StreamingDigest(.sha256)
        hash.update(json)
        for sum in sums.values.map(\.hex).sorted() { hash.update(Array(sum.utf8)) }
        return "tarsum+sha256:\(hash.digest().hex)"
    }

    private static func key(_ name: [UInt8]) -> [UInt8] {
        var name = name[...]
        if name.starts(with: Array("./".utf8)) { name = name.dropFirst(2) }
        if name.last == UInt8(ascii: "/") { name = name.dropLast() }
        return Array(name)
    }

    /// The fields that are summed, each behind its name.
    private static func encoded(_ entry: TarEntry) -> [UInt8] {
        let fields: [(String, [UInt8])] = [
            ("name", entry.name), ("mode", digits(entry.mode)), ("uid", digits(entry.userID)),
            ("gid", digits(entry.groupID)), ("size", digits(entry.byteCount)), ("mtime", digits(entry.modified)),
            ("typeflag", [entry.type]), ("linkname", entry.linkName), ("uname", entry.userName),
            ("gname", entry.groupName), ("devmajor", digits(entry.deviceMajor)),
            ("devminor", digits(entry.deviceMinor)),
        ]
        return fields.flatMap { Array($0.0.utf8) + $0.1 }
    }

    private static func digits(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }
}
