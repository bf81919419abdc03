import Migration
import NIOCore
import RegistryCore
import Storage
import SystemLibraries

extension FuzzTarget {
    /// A `docker save` archive, with its tar checksums corrected, and its content.
    static let archive = FuzzTarget(waiting: "archive") { input in
        try await read(TarRepair.repaired(input))
    }

    /// `manifest.json` of a `docker save` archive with a configuration and a layer.
    static let archiveManifest = FuzzTarget(waiting: "archive-manifest") { input in
        let files = [
            ("c.json", Array(#"{"rootfs":{"diff_ids":[]}}"#.utf8)), ("l/layer.tar", []), ("manifest.json", input),
        ]
        var archive: [UInt8] = []
        for (path, content) in files {
            var block = TarRepair.header(type: "0", byteCount: content.count)
            block.replaceSubrange(0..<max(4, path.utf8.count), with: path.utf8)
            archive += block + TarRepair.padded(content)
        }
        try await read(TarRepair.repaired(archive))
    }

    private static func read(_ tar: [UInt8]) async throws {
        let storage = MemoryStorage()
        let key = ObjectKey.root.appending("archive.tar")
        try await storage.write(ByteBuffer(bytes: tar), to: key)
        guard let reader = try await storage.open(key) else { return }
        let index = try? await TarIndex { offset, byteCount in
            Array(buffer: try await reader.read(at: offset, byteCount: byteCount))
        }
        for member in index?.members ?? [] {
            try require(member.offset >= 512 && member.byteCount >= 0, "a member follows its header")
            try require(!member.offset.addingReportingOverflow(member.byteCount).overflow, "a member has an end")
        }
        guard let source = try? await ArchiveSource(reader, identity: "archive.tar") else { return }
        for entry in try await source.tree.storage.list(.root, after: nil, limit: 100) {
            _ = try await source.tree.storage.attributes(of: .root.appending(entry.name))
        }
    }
}
