import ImageModel

/// The sums of a tar's entries, combined into a tarsum: a layer checksum that old engines sent.
///
/// It covers the unpacked content, not how it is packed, so the order of the files does not matter. TarSum checksum
/// specification, sections "Versioning" and "Calculation".
package struct TarSums: Sendable {
    /// The version, which determines the fields summed and the prefix.
    package enum Version: String, Sendable, CaseIterable {
        /// Includes modification times; of duplicate entries only the last counts. Sent by Docker up to 0.9.
        case zero = "tarsum+sha256:"
        /// Excludes times, includes extended attributes; counts every entry.
        case one = "tarsum.v1+sha256:"
    }

    private let version: Version
    /// The sums of version 1, in tar order.
    private var all: [Sum] = []
    /// The sums of version 0, keyed by the sum of the entry's name.
    private var lastByName: [Sum: Sum] = [:]
    private var current: (name: Sum?, hash: StreamingDigest)?

    /// A SHA-256 in 32 bytes: a tar of a few megabytes may have a million entries.
    private typealias Sum = SIMD4<UInt64>

    /// Whether the tar exceeds the limit of entries.
    private var isTooLarge: Bool { max(all.count, lastByName.count) > Self.entryLimit }

    /// All sums are kept until the end, to be sorted. They take up to 64 MiB; no layer pushed with a tarsum has that
    /// many files.
    private static let entryLimit = 1_000_000

    /// Starts without entries.
    package init(_ version: Version = .zero) { self.version = version }

    /// Adds an event from a ``TarEntryReader``.
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

    /// The tarsum of the tar and the JSON of its image; nil for a tar with too many entries.
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

    /// Compares in the order of the hexadecimal digits.
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

    /// The summed fields, each preceded by its name.
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
