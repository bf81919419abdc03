import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The files of an archive of `docker save`, by their paths.
struct ArchiveMembers {
    let archive: any ObjectReader
    /// By path, as ``TarIndex`` writes it. Of two with one path, the last is the one that unpacking leaves.
    let members: [String: TarIndex.Member]

    private static let documentLimit: Int64 = 8 << 20
    /// How many links to links are followed.
    private static let linkLimit = 8

    init(_ archive: any ObjectReader, _ index: TarIndex) {
        self.archive = archive
        self.members = Dictionary(index.members.map { ($0.path, $0) }) { _, last in last }
    }

    /// Whether there is a file, directory or link of this name.
    func contains(_ path: String) -> Bool { members[path] != nil }

    /// The file at a path as `manifest.json` writes it; links are followed: since 1.10 equal layers are stored once.
    func member(at path: String) -> TarIndex.Member? {
        var found = members[TarIndex.normalized(path)]
        for _ in 0..<Self.linkLimit {
            guard let link = found, !link.linkTargets.isEmpty else { return found }
            found = link.linkTargets.lazy.compactMap { members[$0] }.first
        }
        return nil
    }

    /// Where the bytes of a file are, as far as the archive has them.
    func content(of member: TarIndex.Member) -> ArchiveTree.Content {
        let rest = max(0, archive.attributes.byteCount - member.offset)
        return .stretch(offset: member.offset, byteCount: min(member.byteCount, rest))
    }

    /// The layer at a path; nil when there is none.
    ///
    /// One of 0 bytes is a layer without files, which `docker load` takes: it is the empty layer, or nothing at all where
    /// its DiffID says so.
    func layer(at path: String, diffID: String?) -> ArchiveTree.Content? {
        guard let member = member(at: path) else { return nil }
        guard member.byteCount == 0 else { return content(of: member) }
        return .bytes(diffID == Self.emptyDiffID ? EmptyLayer.compressedNothing : EmptyLayer.bytes)
    }

    private static let emptyDiffID = Digest(.sha256, of: []).description

    /// A document of JSON; null when there is none of this name.
    ///
    /// - Throws: ``ArchiveFault``, or what reading throws.
    func document(_ path: String) async throws -> JSONValue {
        guard let member = member(at: path) else { return .null }
        let bytes = try await bytes(of: member)
        do throws(JSONSyntaxError) { return try JSONValue(parsing: bytes) } catch {
            throw ArchiveFault.malformed(path: path, error)
        }
    }

    /// All bytes of a file that is a document.
    ///
    /// - Throws: ``ArchiveFault``, or what reading throws.
    func bytes(of member: TarIndex.Member) async throws -> [UInt8] {
        guard member.byteCount <= Self.documentLimit else { throw ArchiveFault.tooLarge(path: member.path) }
        let bytes = try await archive.read(at: member.offset, byteCount: Int(member.byteCount))
        guard Int64(bytes.readableBytes) == member.byteCount else { throw ArchiveFault.cutShort(path: member.path) }
        return Array(buffer: bytes)
    }
}
