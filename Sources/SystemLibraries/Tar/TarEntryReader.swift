/// Reads a tar entry by entry, fed piece by piece, without keeping content.
///
/// An entry's names and numbers combine its header with the pax records and GNU long names before it. Reading ends at
/// the first zero block. Use ``TarWalker`` to check that the tar is valid and complete.
package struct TarEntryReader: Sendable {
    /// An event while reading, in tar order.
    package enum Event {
        /// An entry begins.
        case entry(TarEntry)
        /// Bytes of its content. They are valid until the handler returns.
        case content(UnsafeRawBufferPointer)
        /// The entry ends.
        case end
    }

    /// The kind of an extension header.
    private enum Extension {
        case pax
        case longName
        case longLink
        case ignored
    }

    private enum State {
        case header
        case sparseMap(Int64)
        case content(Int64, padding: Int64)
        case metadata(Extension, Int64, padding: Int64)
        case padding(Int64)
        case end
    }

    /// The maximum size of an extension header in bytes.
    private static let extensionLimit = 1 << 20

    private var state = State.header
    private var block: [UInt8] = []
    private var metadata: [UInt8] = []
    /// The pax records and GNU long names before the entry. As in Go, the last header of each kind wins, so memory does
    /// not grow with their number.
    private var paxRecords: [String: [UInt8]] = [:]
    private var longNames: [String: [UInt8]] = [:]
    private var offset: Int64 = 0

    /// Starts before the first header.
    package init() {}

    /// Adds the next bytes. After an error nothing may follow.
    ///
    /// - Throws: ``TarDamage``, or any error of `handle`.
    package mutating func read(_ bytes: UnsafeRawBufferPointer, _ handle: (Event) throws -> Void) throws {
        var bytes = bytes
        while !bytes.isEmpty {
            let count = try take(bytes, handle)
            offset += Int64(count)
            bytes.removeFirst(count)
        }
    }

    /// Ends the tar.
    ///
    /// - Throws: ``TarDamage/truncated`` if an entry is incomplete.
    package func finish() throws {
        switch state {
        case .end, .padding: return
        case .header: if !block.isEmpty { throw TarDamage.truncated }
        case .content, .metadata, .sparseMap: throw TarDamage.truncated
        }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, _ handle: (Event) throws -> Void) throws -> Int {
        switch state {
        case .end: return bytes.count
        case .header, .sparseMap: return try takeBlock(bytes, handle)
        case .content(let remaining, let padding):
            let count = Int(min(Int64(bytes.count), remaining))
            try handle(.content(UnsafeRawBufferPointer(rebasing: bytes[..<count])))
            try enter(.content(remaining - Int64(count), padding: padding), handle)
            return count
        case .metadata(let kind, let remaining, let padding):
            let count = Int(min(Int64(bytes.count), remaining))
            if kind != .ignored { metadata += bytes[..<count] }
            try enter(.metadata(kind, remaining - Int64(count), padding: padding), handle)
            return count
        case .padding(let remaining):
            let count = Int(min(Int64(bytes.count), remaining))
            try enter(.padding(remaining - Int64(count)), handle)
            return count
        }
    }

    /// Enters `state`, or its successor if none of its bytes remain.
    private mutating func enter(_ state: State, _ handle: (Event) throws -> Void) throws {
        switch state {
        case .content(0, let padding):
            try handle(.end)
            try enter(.padding(padding), handle)
        case .metadata(let kind, 0, let padding):
            keepMetadata(kind)
            try enter(.padding(padding), handle)
        case .padding(0): self.state = .header
        default: self.state = state
        }
    }

    private mutating func takeBlock(_ bytes: UnsafeRawBufferPointer, _ handle: (Event) throws -> Void) throws -> Int {
        let count = min(bytes.count, TarHeader.blockByteCount - block.count)
        block += bytes[..<count]
        guard block.count == TarHeader.blockByteCount else { return count }
        let whole = block
        block.removeAll(keepingCapacity: true)
        let start = offset - Int64(TarHeader.blockByteCount - count)
        try whole.withUnsafeBytes { try readBlock($0, at: start, handle) }
        return count
    }

    private mutating func readBlock(
        _ block: UnsafeRawBufferPointer,
        at start: Int64,
        _ handle: (Event) throws -> Void
    ) throws {
        if case .sparseMap(let byteCount) = state {
            if block[504] == 0 { try enter(.content(byteCount, padding: Self.padding(of: byteCount)), handle) }
            return
        }
        guard !block.allSatisfy({ $0 == 0 }) else { return state = .end }
        let header = try TarHeader(block, at: start)
        let padding = Self.padding(of: header.byteCount)
        switch header.kind {
        case .extendedHeader: try begin(.pax, header.byteCount, handle)
        case .longName:
            let isLink = block[156] == UInt8(ascii: "K")
            try begin(isLink ? .longLink : .longName, header.byteCount, handle)
        case .globalHeader: try enter(.metadata(.ignored, header.byteCount, padding: padding), handle)
        case .content, .extendedSparseFile:
            var entry = TarEntry(block)
            entry.apply(paxRecords.merging(longNames) { $1 })
            paxRecords = [:]
            longNames = [:]
            let byteCount = header.isHeaderOnly ? 0 : entry.byteCount
            guard byteCount >= 0 else {
                throw TarDamage.notTar(reason: "the header at byte \(start) has no valid size")
            }
            try handle(.entry(entry))
            if header.kind == .extendedSparseFile { return state = .sparseMap(byteCount) }
            try enter(.content(byteCount, padding: Self.padding(of: byteCount)), handle)
        }
    }

    private mutating func begin(_ kind: Extension, _ byteCount: Int64, _ handle: (Event) throws -> Void) throws {
        guard byteCount <= Self.extensionLimit else {
            throw TarDamage.notTar(reason: "an extended header has \(byteCount) bytes")
        }
        metadata = []
        try enter(.metadata(kind, byteCount, padding: Self.padding(of: byteCount)), handle)
    }

    private mutating func keepMetadata(_ kind: Extension) {
        switch kind {
        case .pax: paxRecords = Self.paxRecords(metadata)
        case .longName: longNames["path"] = Array(metadata.prefix { $0 != 0 })
        case .longLink: longNames["linkpath"] = Array(metadata.prefix { $0 != 0 })
        case .ignored: break
        }
        metadata = []
    }

    /// Parses records `LENGTH KEY=VALUE\n` up to the first malformed one.
    private static func paxRecords(_ bytes: [UInt8]) -> [String: [UInt8]] {
        var records: [String: [UInt8]] = [:]
        var rest = bytes[...]
        while let blank = rest.firstIndex(of: UInt8(ascii: " ")),
            let length = Int(String(decoding: rest[..<blank], as: UTF8.self)), length > 0, length <= rest.count
        {
            let record = rest.prefix(length).dropLast()
            guard blank < record.endIndex, let equals = record[blank...].firstIndex(of: UInt8(ascii: "=")) else {
                break
            }
            records[String(decoding: record[(blank + 1)..<equals], as: UTF8.self)] = Array(record[(equals + 1)...])
            rest = rest.dropFirst(length)
        }
        return records
    }

    private static func padding(of byteCount: Int64) -> Int64 { -byteCount & Int64(TarHeader.blockByteCount - 1) }
}
