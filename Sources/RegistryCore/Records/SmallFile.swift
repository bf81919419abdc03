import Foundation
import NIOCore
import NIOFoundationCompat
import Storage

extension ObjectStorage {
    /// A file that this program wrote for itself; nil also when it is larger than any such file: it is damaged, and is
    /// treated as missing.
    func readNote(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        do { return try await read(key, limit: limit) } catch {
            if case .tooLarge = error { return nil }
            throw error
        }
    }
}

/// Reads of the small files that other programs write in place.
///
/// registry:2 and docker-registry truncate a link, a tag or a JSON file before they write it, so that a reader can
/// find it empty or half-written. Such a file is read again for up to a second; what is still no good then is
/// unreadable, never absent.
struct SmallFile: Sendable {
    /// The most bytes that a JSON document may have.
    static let documentLimit = 4 << 20

    let storage: any ObjectStorage
    let pause: Duration
    let attempts: Int

    init(storage: any ObjectStorage, pause: Duration = .milliseconds(50), attempts: Int = 20) {
        self.storage = storage
        self.pause = pause
        self.attempts = attempts
    }

    /// What `parse` makes of the file, or nil when there is no file.
    ///
    /// - Throws: `StorageError.unreadable` with `expectation` when `parse` answers nil each time.
    func read<Value: Sendable>(
        _ key: ObjectKey,
        limit: Int = SmallFile.documentLimit,
        expecting expectation: String,
        parse: (ByteBuffer) -> Value?
    ) async throws -> Value? {
        guard let bytes = try await settled(key, limit: limit, isWhole: { parse($0) != nil }) else { return nil }
        guard let value = parse(bytes) else {
            throw StorageError.unreadable(key, reason: "it does not hold \(expectation)")
        }
        return value
    }

    /// What the file holds once nobody is writing it, or nil when there is no file.
    ///
    /// - Parameter isWhole: Whether these bytes are what such a file should hold.
    func settled(
        _ key: ObjectKey,
        limit: Int = SmallFile.documentLimit,
        isWhole: (ByteBuffer) -> Bool
    ) async throws -> ByteBuffer? {
        var attempt = 1
        while true {
            guard let bytes = try await storage.readDocument(key, limit: limit) else { return nil }
            // A file that nobody has touched for a while is not being written: there is nothing to wait for.
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
