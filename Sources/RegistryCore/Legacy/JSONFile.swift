import Foundation
import NIOCore
import NIOFoundationCompat
import Storage

/// Our own records on disk, as JSON. One that cannot be read is as good as none: it is made again.
struct JSONFile: Sendable {
    let storage: any ObjectStorage

    func read<Value: Decodable>(_ type: Value.Type, from key: ObjectKey) async throws -> Value? {
        guard let bytes = try await storage.read(key, limit: 64 << 10) else { return nil }
        return try? JSONDecoder().decode(type, from: bytes)
    }

    func write(_ value: some Encodable, to key: ObjectKey) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try await storage.write(ByteBuffer(data: try encoder.encode(value)), to: key)
    }
}
