import Foundation
import NIOCore
import NIOFoundationCompat
import RegistryCore
import Storage

extension MigrationJournal.Content {
    /// Whether most lines say what a later one says otherwise, so that it is worth while to write the rest anew.
    var isRepetitive: Bool { lineCount > 1000 && lineCount > 2 * (images.count + tags.count + blobs.count) }

    /// Writes a journal that says all this and nothing twice in the place of `key`. A crash leaves the old one or the new.
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
