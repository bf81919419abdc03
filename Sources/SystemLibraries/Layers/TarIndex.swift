/// An index of a tar's members: headers are read, contents are skipped.
package struct TarIndex: Sendable {
    /// A file, directory or link in the tar.
    package struct Member: Sendable, Equatable {
        /// Its path from the root of the tar, normalised by ``TarIndex/normalized(_:)``.
        package let path: String
        /// The offset of its content.
        package let offset: Int64
        /// The size of its content according to the headers: the tar may end earlier. The sum with ``offset`` does not
        /// overflow.
        package let byteCount: Int64
        /// Possible link targets from the root of the tar, likeliest first; empty if it is not a link.
        package let linkTargets: [String]
    }

    /// In tar order.
    package let members: [Member]

    private static let extensionLimit: Int64 = 1 << 20

    /// Extension headers that apply to the next member. As in Go, the last one of each kind wins.
    fileprivate struct Extensions {
        var records: [String: String] = [:]
        var longName: String?
        var longLink: String?
    }

    /// Reads the headers of a tar.
    ///
    /// - Parameter read: Returns up to the given number of bytes from an offset: fewer only at the end.
    /// - Throws: ``TarDamage``, or any error of `read`.
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
        guard !members.isEmpty else { throw TarDamage.notTar(reason: "it contains no header") }
        self.members = members
    }

    /// A path in canonical form: from the root of the tar, without empty components, `.` and `..`.
    ///
    /// `..` does not lead out of the root, because Docker joins such a path with the directory it unpacks to.
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

    /// The offset of the block after `byteCount` bytes from `start`.
    ///
    /// - Throws: ``TarDamage/notTar(reason:)`` on overflow: no file is that large.
    private static func end(of byteCount: Int64, from start: Int64, headerAt offset: Int64) throws -> Int64 {
        let padding = -byteCount & Int64(TarHeader.blockByteCount - 1)
        let (content, isTooLarge) = start.addingReportingOverflow(byteCount)
        let (end, isEndTooLarge) = content.addingReportingOverflow(padding)
        guard !isTooLarge, !isEndTooLarge else {
            throw TarDamage.notTar(reason: "the header at byte \(offset) has no valid size")
        }
        return end
    }

    /// Skips the extra blocks of a sparse file's map, which come before its content.
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
            // Hard links are relative to the root, and so are symbolic links in some repacked archives.
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
    /// Parses an extension header for the next member: GNU long names, or pax records `LENGTH KEY=VALUE\n`.
    fileprivate mutating func add(_ bytes: [UInt8], _ type: UInt8) {
        switch type {
        case UInt8(ascii: "L"): longName = TarIndex.text(bytes[...])
        case UInt8(ascii: "K"): longLink = TarIndex.text(bytes[...])
        default: records = Self.paxRecords(bytes)
        }
    }

    /// The size of a member: the extended header takes precedence over its own header.
    fileprivate func byteCount(of header: TarHeader, at offset: Int64) throws(TarDamage) -> Int64 {
        guard !header.isHeaderOnly, let size = records["size"] else { return header.byteCount }
        guard let byteCount = Int64(size), byteCount >= 0 else {
            throw .notTar(reason: "the extended header before byte \(offset) has no valid size")
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
            // An empty value cancels an earlier record.
            records[TarIndex.text(record[..<equals])] = value.isEmpty ? nil : value
            rest = rest.dropFirst(length)
        }
        return records
    }
}
