import Foundation
import NIOCore
import NIOFoundationCompat
import Storage

extension ObjectStorage {
    /// Reads one of Longshore's own files. Returns nil also if it is larger than any such file: it is damaged, and
    /// treated as missing.
    func readNote(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        do { return try await read(key, limit: limit) } catch {
            if case .tooLarge = error { return nil }
            throw error
        }
    }
}

/// Reads small files that other programs write in place.
///
/// registry:2 and docker-registry truncate a link, a tag or a JSON file before they write it, so a reader may find it
/// empty or half-written. Such a file is read again for up to a second; if it is still invalid, it is unreadable, never
/// absent.
struct SmallFile: Sendable {
    /// The maximum size of a JSON document in bytes.
    static let documentLimit = 4 << 20

    let storage: any ObjectStorage
    let pause: Duration
    let attempts: Int

    init(storage: any ObjectStorage, pause: Duration = .milliseconds(50), attempts: Int = 20) {
        self.storage = storage
        self.pause = pause
        self.attempts = attempts
    }

    /// The parsed file; nil if there is none.
    ///
    /// - Throws: `StorageError.unreadable` with `expectation` if `parse` returns nil each time.
    func read<Value: Sendable>(
        _ key: ObjectKey,
        limit: Int = SmallFile.documentLimit,
        expecting expectation: String,
        parse: (ByteBuffer) -> Value?
    ) async throws -> Value? {
        guard let bytes = try await readWhenWritten(key, limit: limit, isWhole: { parse($0) != nil }) else {
            return nil
        }
        guard let value = parse(bytes) else {
            throw StorageError.unreadable(key, reason: "it does not contain \(expectation)")
        }
        return value
    }

    /// The content of the file once no one is writing it; nil if there is none.
    ///
    /// - Parameter isWhole: Whether these bytes are complete, valid content.
    func readWhenWritten(
        _ key: ObjectKey,
        limit: Int = SmallFile.documentLimit,
        isWhole: (ByteBuffer) -> Bool
    ) async throws -> ByteBuffer? {
        var attempt = 1
        while true {
            guard let bytes = try await storage.readDocument(key, limit: limit) else { return nil }
            // A file not modified recently is not being written: there is nothing to wait for.
            if isWhole(bytes) { return bytes }
            guard attempt < attempts, try await isFresh(key) else { return bytes }
            attempt += 1
            try await Task.sleep(for: pause)
        }
    }

    private func isFresh(_ key: ObjectKey) async throws -> Bool {
        guard let attributes = try await storage.attributes(of: key) else { return false }
        return WallClock.age(of: attributes.modified) < 2_000_000_000
    }
}

/// Longshore's own records on disk, as JSON. An unreadable record counts as missing and is created again.
struct JSONFile: Sendable {
    let storage: any ObjectStorage

    func read<Value: Decodable>(_ type: Value.Type, from key: ObjectKey) async throws -> Value? {
        guard let bytes = try await storage.readNote(key, limit: 64 << 10) else { return nil }
        return try? Self.decoded(type, from: bytes)
    }

    /// The value that bytes of a file hold.
    static func decoded<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        try JSONDecoder().decode(type, from: bytes)
    }

    /// Writes a record that need not survive a power loss: it is a cache, and an unreadable one is ignored.
    func write(_ value: some Encodable, to key: ObjectKey) async throws {
        try await storage.write(try Self.encoded(value), to: key, as: .cache)
    }

    /// The file content for a value.
    static func encoded(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(data: try encoder.encode(value))
    }
}
