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
    /// The sums of version 1, in the order of the tar.
    private var all: [Sum] = []
    /// The sums of version 0, by the sum of the entry's name.
    private var lastByName: [Sum: Sum] = [:]
    private var current: (name: Sum?, hash: StreamingDigest)?

    /// A SHA-256 in 32 bytes: a tar of some megabytes may have a million entries.
    private typealias Sum = SIMD4<UInt64>

    /// Whether the tar has more entries than sums are kept of.
    private var isTooLarge: Bool { max(all.count, lastByName.count) > Self.entryLimit }

    /// Every entry's sum is kept until the end, which sorts them. No layer that was pushed with a tarsum has as many files:
    /// they take up to 64 MiB.
    private static let entryLimit = 1_000_000

    /// Starts with no entry.
    package init(_ version: Version = .zero) { self.version = version }

    /// Takes what a ``TarEntryReader`` brings.
    package mutating func take(_ event: TarEntryReader.Event) {
        switch event {
        case .entry where isTooLarge: current = nil
        case .entry(let entry):
            var hash = StreamingDigest(.sha256)
            hash.update(encoded(entry))
            current = (version == .zero ? Self.sum(Self.key(entry.name)) : nil, hash)
        case .content(let bytes): current?.hash.update(bytes)
        case .end:
            guard let current else { return }
            let sum = Self.sum(current.hash)
            if let name = current.name { lastByName[name] = sum } else { all.append(sum) }
            self.current = nil
        }
    }

    /// The tarsum of the tar and of the JSON of the image that it is the layer of; nil for a tar with too many entries.
    package func tarsum(ofV1ImageJSON json: [UInt8]) -> String? {
        guard !isTooLarge else { return nil }
        var hash = StreamingDigest(.sha256)
        hash.update(json)
        let sums = all + lastByName.values
        for sum in sums.sorted(by: Self.areInOrder) { hash.update(Array(Self.hex(sum).utf8)) }
        return version.rawValue + hash.digest().hex
    }

    private static func sum(_ bytes: [UInt8]) -> Sum {
        var hash = StreamingDigest(.sha256)
        hash.update(bytes)
        return sum(hash)
    }

    private static func sum(_ hash: StreamingDigest) -> Sum {
        hash.hash().withUnsafeBytes { bytes in
            var sum = Sum()
            for index in 0..<4 {
                sum[index] = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            }
            return sum
        }
    }

    /// As their hexadecimal digits are in order.
    private static func areInOrder(_ left: Sum, _ right: Sum) -> Bool {
        for index in 0..<4 where left[index] != right[index] { return left[index] < right[index] }
        return false
    }

    private static func hex(_ sum: Sum) -> String {
        let bytes = (0..<4).flatMap { index in withUnsafeBytes(of: sum[index].bigEndian) { Array($0) } }
        return String(lowercaseHexOf: bytes)
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
