import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The files of a `docker save` archive by path.
struct ArchiveMembers {
    let archive: any ObjectReader
    /// By path in ``TarIndex``'s spelling. Of several members with the same path the last counts, as in unpacking.
    let members: [String: TarIndex.Member]

    private static let documentLimit: Int64 = 8 << 20
    /// How many links in a row are followed.
    private static let linkLimit = 8

    init(_ archive: any ObjectReader, _ index: TarIndex) {
        self.archive = archive
        self.members = Dictionary(index.members.map { ($0.path, $0) }) { _, last in last }
    }

    /// Whether a file, directory or link of this name exists.
    func contains(_ path: String) -> Bool { members[path] != nil }

    /// The file at a path as written in `manifest.json`. Follows links: Docker 1.10 and later store equal
    /// layers once.
    func member(at path: String) -> TarIndex.Member? {
        var found = members[TarIndex.normalized(path)]
        for _ in 0..<Self.linkLimit {
            guard let link = found, !link.linkTargets.isEmpty else { return found }
            found = link.linkTargets.lazy.compactMap { members[$0] }.first
        }
        return nil
    }

    /// The location of a file's bytes, as far as the archive contains them.
    func content(of member: TarIndex.Member) -> ArchiveTree.Content {
        let rest = max(0, archive.attributes.byteCount - member.offset)
        return .stretch(offset: member.offset, byteCount: min(member.byteCount, rest))
    }

    /// The layer at a path; nil when there is none.
    ///
    /// A file of 0 bytes is a layer without files, which `docker load` accepts: it becomes the empty layer, or no bytes
    /// at all if its DiffID says so.
    func layer(at path: String, diffID: String?) -> ArchiveTree.Content? {
        guard let member = member(at: path) else { return nil }
        guard member.byteCount == 0 else { return content(of: member) }
        return .bytes(diffID == Self.emptyDiffID ? EmptyLayer.compressedNothing : EmptyLayer.bytes)
    }

    private static let emptyDiffID = Digest(.sha256, of: []).description

    /// A JSON document; null when it does not exist.
    ///
    /// - Throws: ``ArchiveFault``, or a read error.
    func document(_ path: String) async throws -> JSONValue {
        guard let member = member(at: path) else { return .null }
        let bytes = try await bytes(of: member)
        do throws(JSONSyntaxError) { return try JSONValue(parsing: bytes) } catch {
            throw ArchiveFault.malformed(path: path, error)
        }
    }

    /// All bytes of a document.
    ///
    /// - Throws: ``ArchiveFault``, or a read error.
    func bytes(of member: TarIndex.Member) async throws -> [UInt8] {
        guard member.byteCount <= Self.documentLimit else { throw ArchiveFault.tooLarge(path: member.path) }
        let bytes = try await archive.read(at: member.offset, byteCount: Int(member.byteCount))
        guard Int64(bytes.readableBytes) == member.byteCount else { throw ArchiveFault.cutShort(path: member.path) }
        return Array(buffer: bytes)
    }
}
