/// Where the members of a tar are: its headers are read, their contents are passed over.
package struct TarIndex: Sendable {
    /// A file, directory or link of the tar.
    package struct Member: Sendable, Equatable {
        /// Its path from the root of the tar, as ``TarIndex/normalized(_:)`` writes it.
        package let path: String
        /// Where its bytes begin.
        package let offset: Int64
        /// How many there are, as the headers say: the tar may end before. The sum with ``offset`` is a number.
        package let byteCount: Int64
        /// What a link may point to, from the root of the tar, the likeliest first; empty for what is no link.
        package let linkTargets: [String]
    }

    /// In the order of the tar.
    package let members: [Member]

    private static let extensionLimit: Int64 = 1 << 20

    /// What stands in front of a member's header and belongs to it. As in Go, the last header of each kind holds.
    fileprivate struct Extensions {
        var records: [String: String] = [:]
        var longName: String?
        var longLink: String?
    }

    /// Reads the headers of a tar.
    ///
    /// - Parameter read: Answers up to so many bytes from an offset: fewer only at the end.
    /// - Throws: ``TarDamage``, or what `read` throws.
    package init(reading read: (_ offset: Int64, _ byteCount: Int) async throws -> [UInt8]) async throws {
        var members: [Member] = []
        var extensions = Extensions()
        var offset: Int64 = 0
        while true {
            let block = try await read(offset, TarHeader.blockByteCount)
            guard block.count == TarHeader.blockByteCount, block.contains(where: { $0 != 0 }) else { break }
            let header = try block.withUnsafeBytes { try TarHeader($0, at: offset) }
            var start = try Self.end(of: Int64(TarHeader.blockByteCount), from: offset, headerAt: offset)
            var byteCount = header.byteCount
            switch header.kind {
            case .extendedHeader, .longName:
                guard header.byteCount <= Self.extensionLimit else {
                    throw TarDamage.notTar(reason: "an extended header has \(header.byteCount) bytes")
                }
                extensions.add(try await read(start, Int(header.byteCount)), block[156])
            case .globalHeader: extensions = Extensions()
            case .content, .extendedSparseFile:
                byteCount = try extensions.byteCount(of: header, at: offset)
                if header.kind == .extendedSparseFile { start = try await Self.skipSparseMap(from: start, read) }
                members.append(Self.member(block, start, byteCount, extensions))
                extensions = Extensions()
            }
            offset = try Self.end(of: byteCount, from: start, headerAt: offset)
        }
        guard !members.isEmpty else { throw TarDamage.notTar(reason: "there is no header in it") }
        self.members = members
    }

    /// A path as it is compared: from the root of the tar, without empty parts, `.` and `..`.
    ///
    /// `..` does not lead out of the root, as Docker joins such a path with the directory that it unpacks to.
    package static func normalized(_ path: some StringProtocol) -> String {
        var parts: [Substring] = []
        for part in Substring(path).split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    /// Where the block begins that follows `byteCount` bytes from `start`.
    ///
    /// - Throws: ``TarDamage/notTar(reason:)`` when there is no such number, so that no file is that large.
    private static func end(of byteCount: Int64, from start: Int64, headerAt offset: Int64) throws -> Int64 {
        let padding = -byteCount & Int64(TarHeader.blockByteCount - 1)
        let (content, isTooLarge) = start.addingReportingOverflow(byteCount)
        let (end, isEndTooLarge) = content.addingReportingOverflow(padding)
        guard !isTooLarge, !isEndTooLarge else {
            throw TarDamage.notTar(reason: "the header at byte \(offset) has no valid size")
        }
        return end
    }

    /// The further blocks of a sparse file's map stand in front of its bytes.
    private static func skipSparseMap(
        from start: Int64,
        _ read: (_ offset: Int64, _ byteCount: Int) async throws -> [UInt8]
    ) async throws -> Int64 {
        var start = start
        while true {
            let block = try await read(start, TarHeader.blockByteCount)
            start = try end(of: Int64(TarHeader.blockByteCount), from: start, headerAt: start)
            guard block.count == TarHeader.blockByteCount else { throw TarDamage.truncated }
            if block[504] == 0 { return start }
        }
    }

    private static func member(
        _ block: [UInt8],
        _ start: Int64,
        _ byteCount: Int64,
        _ extensions: Extensions
    ) -> Member {
        let isUStar = block[257..<263].elementsEqual(Array("ustar\0".utf8))
        let prefix = isUStar ? text(block[345..<500]) : ""
        let name = text(block[..<100])
        let written = prefix.isEmpty ? name : "\(prefix)/\(name)"
        let path = normalized(extensions.longName ?? extensions.records["path"] ?? written)
        let link = extensions.longLink ?? extensions.records["linkpath"] ?? text(block[157..<257])
        let targets: [String] =
            switch block[156] {
            // A hard link is named from the root, and so are symbolic links in some archives that were packed anew.
            case UInt8(ascii: "1"): [normalized(link)]
            case UInt8(ascii: "2"): [normalized(link.hasPrefix("/") ? link : "\(path)/../\(link)"), normalized(link)]
            default: []
            }
        return Member(path: path, offset: start, byteCount: byteCount, linkTargets: targets)
    }

    fileprivate static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension TarIndex.Extensions {
    /// Takes what an extension says of the next member: GNU's long names, or pax records `LENGTH KEY=VALUE\n`.
    fileprivate mutating func add(_ bytes: [UInt8], _ type: UInt8) {
        switch type {
        case UInt8(ascii: "L"): longName = TarIndex.text(bytes[...])
        case UInt8(ascii: "K"): longLink = TarIndex.text(bytes[...])
        default: records = Self.paxRecords(bytes)
        }
    }

    /// How many bytes a member has: what the extended header says goes before what its own header says.
    fileprivate func byteCount(of header: TarHeader, at offset: Int64) throws(TarDamage) -> Int64 {
        guard !header.isHeaderOnly, let size = records["size"] else { return header.byteCount }
        guard let byteCount = Int64(size), byteCount >= 0 else {
            throw .notTar(reason: "the extended header in front of byte \(offset) has no valid size")
        }
        return byteCount
    }

    private static func paxRecords(_ bytes: [UInt8]) -> [String: String] {
        var records: [String: String] = [:]
        var rest = bytes[...]
        while let blank = rest.firstIndex(of: UInt8(ascii: " ")), let length = Int(TarIndex.text(rest[..<blank])),
            length > blank - rest.startIndex + 1, length <= rest.count
        {
            let record = rest[(blank + 1)..<(rest.startIndex + length - 1)]
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { break }
            let value = String(decoding: record[(equals + 1)...], as: UTF8.self)
            // An empty value takes back what an earlier record says.
            records[TarIndex.text(record[..<equals])] = value.isEmpty ? nil : value
            rest = rest.dropFirst(length)
        }
        return records
    }
}
