import Foundation
import NIOCore
import NIOFoundationCompat
import RegistryCore
import Storage

extension MigrationJournal.Content {
    /// Whether more than half of the lines are superseded by later ones, which makes compacting worthwhile.
    var isRepetitive: Bool { lineCount > 1000 && lineCount > 2 * (images.count + tags.count + blobs.count) }

    /// Replaces `key` with a journal of only the current entries. After a crash, either the old or the new one exists.
    func write(to key: ObjectKey, in storage: any ObjectStorage, _ encoder: JSONEncoder) async throws {
        let staged = try await storage.stage(.scratch(isPromoted: true))
        var bytes = ByteBuffer()
        for entry in images.values.lazy.map(JournalEntry.image) {
            bytes.writeData(try encoder.encode(entry))
            bytes.writeString("\n")
            try await Self.flush(&bytes, to: staged, ifAbove: 1 << 20)
        }
        for entry in tags.values.lazy.map(JournalEntry.tag) {
            bytes.writeData(try encoder.encode(entry))
            bytes.writeString("\n")
            try await Self.flush(&bytes, to: staged, ifAbove: 1 << 20)
        }
        for entry in blobs.values.lazy.map(JournalEntry.blob) {
            bytes.writeData(try encoder.encode(entry))
            bytes.writeString("\n")
            try await Self.flush(&bytes, to: staged, ifAbove: 1 << 20)
        }
        try await Self.flush(&bytes, to: staged, ifAbove: 0)
        try await staged.promote(to: key)
    }

    private static func flush(_ bytes: inout ByteBuffer, to staged: any StagedObject, ifAbove limit: Int) async throws {
        guard bytes.readableBytes > limit else { return }
        try await staged.append(bytes)
        bytes.clear()
    }
}
