/// Where the members of a tar are: its headers are read, their contents are passed over.
package struct TarIndex: Sendable {
    /// A file, directory or link of the tar.
    package struct Member: Sendable, Equatable {
        /// Its path as it is written, without `./` in front and `/` behind.
        package let path: String
        /// Where its bytes begin.
        package let offset: Int64
        /// How many there are.
        package let byteCount: Int64
        /// What it is a link to; nil for what is no link.
        package let linkTarget: String?
    }

    /// In the order of the tar.
    package let members: [Member]

    private static let extensionLimit: Int64 = 1 << 20

    /// Reads the headers of a tar.
    ///
    /// - Parameter read: Answers up to so many bytes from an offset: fewer only at the end.
    /// - Throws: ``TarDamage``, or what `read` throws.
    package init(reading read: (_ offset: Int64, _ byteCount: Int) async throws -> [UInt8]) async throws {
        var members: [Member] = []
        var records: [String: String] = [:]
        var offset: Int64 = 0
        while true {
            let block = try await read(offset, TarHeader.blockByteCount)
            guard block.count == TarHeader.blockByteCount, block.contains(where: { $0 != 0 }) else { break }
            let header = try block.withUnsafeBytes { try TarHeader($0, at: offset) }
            let start = offset + Int64(TarHeader.blockByteCount)
            switch header.kind {
            case .extendedHeader, .longName:
                guard header.byteCount <= Self.extensionLimit else {
                    throw TarDamage.notTar(reason: "an extended header has \(header.byteCount) bytes")
                }
                let bytes = try await read(start, Int(header.byteCount))
                records.merge(Self.records(bytes, block[156])) { _, last in last }
            case .globalHeader: break
            case .content, .extendedSparseFile:
                members.append(Self.member(block, header, start, records))
                records = [:]
            }
            let byteCount =
                members.last.map { $0.offset == start ? $0.byteCount : header.byteCount } ?? header.byteCount
            offset = start + byteCount + (-byteCount & Int64(TarHeader.blockByteCount - 1))
        }
        guard !members.isEmpty else { throw TarDamage.notTar(reason: "there is no header in it") }
        self.members = members
    }

    private static func member(
        _ block: [UInt8],
        _ header: TarHeader,
        _ start: Int64,
        _ records: [String: String]
    ) -> Member {
        let isUStar = block[257..<263].elementsEqual(Array("ustar\0".utf8))
        let prefix = isUStar ? text(block[345..<500]) : ""
        let name = text(block[..<100])
        let isLink = block[156] == UInt8(ascii: "1") || block[156] == UInt8(ascii: "2")
        return Member(
            path: trimmed(records["path"] ?? (prefix.isEmpty ? name : "\(prefix)/\(name)")),
            offset: start,
            byteCount: header.isHeaderOnly ? 0 : records["size"].flatMap { Int64($0) } ?? header.byteCount,
            linkTarget: isLink ? records["linkpath"] ?? text(block[157..<257]) : nil
        )
    }

    private static func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        while path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// What an extension says of the next member: GNU's long names, or pax records `LENGTH KEY=VALUE\n`.
    private static func records(_ bytes: [UInt8], _ type: UInt8) -> [String: String] {
        if type == UInt8(ascii: "L") { return ["path": text(bytes[...])] }
        if type == UInt8(ascii: "K") { return ["linkpath": text(bytes[...])] }
        var records: [String: String] = [:]
        var rest = bytes[...]
        while let blank = rest.firstIndex(of: UInt8(ascii: " ")), let length = Int(text(rest[..<blank])),
            length > blank - rest.startIndex + 1, length <= rest.count
        {
            let record = rest[(blank + 1)..<(rest.startIndex + length - 1)]
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { break }
            records[text(record[..<equals])] = String(decoding: record[(equals + 1)...], as: UTF8.self)
            rest = rest.dropFirst(length)
        }
        return records
    }
}
