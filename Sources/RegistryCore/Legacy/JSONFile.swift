import Foundation
import NIOCore
import NIOFoundationCompat
import Storage

/// Our own records on disk, as JSON. One that cannot be read is as good as none: it is made again.
struct JSONFile: Sendable {
    let storage: any ObjectStorage

    func read<Value: Decodable>(_ type: Value.Type, from key: ObjectKey) async throws -> Value? {
        guard let bytes = try await storage.readNote(key, limit: 64 << 10) else { return nil }
        return try? JSONDecoder().decode(type, from: bytes)
    }

    /// Writes what a loss of power may take: a cache is made again, and one that cannot be read is none.
    func write(_ value: some Encodable, to key: ObjectKey) async throws {
        try await storage.write(try Self.encoded(value), to: key, as: .cache)
    }

    /// A value as it stands in the file.
    static func encoded(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(data: try encoder.encode(value))
    }
}
