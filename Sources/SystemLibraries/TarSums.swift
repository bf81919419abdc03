import ImageModel

/// The sums of a tar's entries, which make a checksum of a layer that engines used to send: a tarsum.
///
/// It covers what an engine unpacks and not how it is packed, so that the order of the files does not matter.
/// TarSum checksum specification, sections "Versioning" and "Calculation".
package struct TarSums: Sendable {
    /// What is summed, and how it is written.
    package enum Version: String, Sendable, CaseIterable {
        /// With the time of each file; of two entries for one file the last: what Docker up to 0.9 sends.
        case zero = "tarsum+sha256:"
        /// Without times, and with extended attributes; every entry.
        case one = "tarsum.v1+sha256:"
    }

    private let version: Version
    private var sums: [[UInt8]: Digest] = [:]
    private var entryCount = 0
    /// About how many bytes of memory the sums take.
    private var cost = 0
    /// Whether there are more entries than sums are kept of.
    private var isTooLarge: Bool { cost > Self.costLimit }
    /// Every entry's sum is kept until the end, which sorts them: half a million files, more than any image has.
    private static let costLimit = 96 << 20
    private var current: (key: [UInt8], hash: StreamingDigest)?

    /// Starts with no entry.
    package init(_ version: Version = .zero) { self.version = version }

    /// Takes what a ``TarEntryReader`` brings.
    package mutating func take(_ event: TarEntryReader.Event) {
        switch event {
        case .entry where isTooLarge:
            sums = [:]
            current = nil
        case .entry(let entry):
            var hash = StreamingDigest(.sha256)
            hash.update(encoded(entry))
            entryCount += 1
            current = (version == .zero ? Self.key(entry.name) : Array("\(entryCount)".utf8), hash)
        case .content(let bytes): current?.hash.update(bytes)
        case .end:
            if let current {
                sums[current.key] = current.hash.digest()
                cost += current.key.count + 192
            }
            current = nil
        }
    }

    /// The tarsum of the tar and of the JSON of the image that it is the layer of; nil for a tar with too many entries.
    package func tarsum(ofV1ImageJSON json: [UInt8]) -> String? {
        guard !isTooLarge else { return nil }
        var hash = StreamingDigest(.sha256)
        hash.update(json)
        for sum in sums.values.map(\.hex).sorted() { hash.update(Array(sum.utf8)) }
        return version.rawValue + hash.digest().hex
    }

    private static func key(_ name: [UInt8]) -> [UInt8] {
        var name = name[...]
        if name.starts(with: Array("./".utf8)) { name = name.dropFirst(2) }
        if name.last == UInt8(ascii: "/") { name = name.dropLast() }
        return Array(name)
    }

    /// The fields that are summed, each behind its name.
    private func encoded(_ entry: TarEntry) -> [UInt8] {
        var fields: [(name: String, value: [UInt8])] = [
            ("name", entry.name), ("mode", Self.digits(entry.mode)), ("uid", Self.digits(entry.userID)),
            ("gid", Self.digits(entry.groupID)), ("size", Self.digits(entry.byteCount)),
        ]
        if version == .zero { fields.append(("mtime", Self.digits(entry.modified))) }
        fields += [
            ("typeflag", [entry.type]), ("linkname", entry.linkName), ("uname", entry.userName),
            ("gname", entry.groupName), ("devmajor", Self.digits(entry.deviceMajor)),
            ("devminor", Self.digits(entry.deviceMinor)),
        ]
        if version == .one {
            let names = entry.extendedAttributes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for name in names { fields.append((name, entry.extendedAttributes[name] ?? [])) }
        }
        return fields.flatMap { Array($0.name.utf8) + $0.value }
    }

    private static func digits(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }
}
