import ImageModel
import Logging
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import Testing

@Suite struct UploadsTests {
    let storage = MemoryStorage()

    func registry() -> Registry {
        Registry(
            storage: storage,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 1),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func chunk(_ text: String) -> AsyncStream<ByteBuffer> {
        AsyncStream { continuation in
            for byte in text.utf8 { continuation.yield(ByteBuffer(bytes: [byte])) }
            continuation.finish()
        }
    }

    @Test("continues after a restart where it ended, and becomes the blob")
    func restart() async throws {
        let name = try RepositoryName(parsing: "a/b")
        let first = registry().uploads
        let id = try await first.begin(in: name)
        let state = try await first.state(of: id, in: name)
        // Only the location records that it was begun.
        let second = registry().uploads
        await #expect(throws: RegistryError.uploadUnknown(id.description)) {
            try await second.byteCount(of: id, in: name)
        }
        try await second.restore(id, in: name, by: state)
        #expect(try await second.append(chunk("hello "), at: 0, to: id, in: name) == 6)
        let uploads = registry().uploads
        #expect(try await uploads.byteCount(of: id, in: name) == 6)
        #expect(try await uploads.append(chunk("world"), at: nil, to: id, in: name) == 11)
        let digest = Digest(.sha256, of: Array("hello world".utf8))
        try await uploads.finish(id, as: digest, in: name)
        let bytes = try await registry().blob(digest, in: name).read(at: 0, byteCount: 100)
        #expect(String(buffer: bytes) == "hello world")
        await #expect(throws: RegistryError.uploadUnknown(id.description)) {
            try await uploads.byteCount(of: id, in: name)
        }
    }

    @Test(
        "ignores a damaged record",
        arguments: [[], [0], [0xFF], Array(repeating: 0, count: 4096)] as [[UInt8]]
    )
    func damagedNote(rest: [UInt8]) async throws {
        let name = try RepositoryName(parsing: "a/b")
        let before = registry().uploads
        let id = try await before.begin(in: name)
        // Smaller uploads are not recorded.
        let first = String(repeating: "x", count: 1 << 20)
        _ = try await before.append(chunk(first), at: 0, to: id, in: name)
        let note = try ObjectKey(validating: "longshore/uploads/\(id)")
        let saved = try #require(try await storage.read(note, limit: 1024))
        let line = Array(buffer: saved).prefix { $0 != UInt8(ascii: "\n") } + [UInt8(ascii: "\n")]
        try await storage.write(ByteBuffer(bytes: line + rest), to: note)
        let uploads = registry().uploads
        #expect(try await uploads.append(chunk("y"), at: 1 << 20, to: id, in: name) == (1 << 20) + 1)
        try await uploads.finish(id, as: Digest(.sha256, of: Array((first + "y").utf8)), in: name)
    }

    @Test("no clock and no age is too extreme for finding abandoned uploads", arguments: [Int64.min, -1, 0, .max])
    func oddClocks(now: Int64) async throws {
        let uploads = registry().uploads
        _ = try await uploads.begin(in: try RepositoryName(parsing: "a/b"))
        for age in [Duration.zero, .seconds(1), .seconds(9_000_000_000), .seconds(Int64.max)] {
            let isOld = now == .max && age < .seconds(9_000_000_000)
            #expect(try await uploads.removeAbandoned(for: age, isDryRun: true, now: now) == (isOld ? 1 : 0))
        }
    }

    @Test("a chunk out of order is refused, and the upload is unchanged")
    func outOfOrder() async throws {
        let name = try RepositoryName(parsing: "a")
        let uploads = registry().uploads
        let id = try await uploads.begin(in: name)
        _ = try await uploads.append(chunk("abc"), at: 0, to: id, in: name)
        for offset in [Int64(0), 2, 4] {
            await #expect(throws: RegistryError.uploadOutOfOrder(byteCount: 3)) {
                try await uploads.append(chunk("x"), at: offset, to: id, in: name)
            }
        }
        await #expect(throws: RegistryError.self) {
            try await uploads.append(chunk("defgh"), at: 3, expecting: 4, to: id, in: name)
        }
        #expect(try await uploads.byteCount(of: id, in: name) == 3)
        _ = try await uploads.append(chunk("def"), at: 3, expecting: 3, to: id, in: name)
        try await uploads.finish(id, as: Digest(.sha512, of: Array("abcdef".utf8)), in: name)
    }

    @Test("what arrived before the client disconnected is kept")
    func cut() async throws {
        let name = try RepositoryName(parsing: "a")
        let uploads = registry().uploads
        let id = try await uploads.begin(in: name)
        let cut = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            continuation.yield(ByteBuffer(string: "half"))
            continuation.finish(throwing: CancellationError())
        }
        await #expect(throws: RegistryError.cancelled) { try await uploads.append(cut, at: 0, to: id, in: name) }
        #expect(try await uploads.byteCount(of: id, in: name) == 4)
    }

    @Test("a digest that does not match ends the upload without a blob")
    func mismatch() async throws {
        let name = try RepositoryName(parsing: "a")
        let uploads = registry().uploads
        let id = try await uploads.begin(in: name)
        _ = try await uploads.append(chunk("abc"), at: 0, to: id, in: name)
        let wrong = Digest(.sha256, of: Array("abd".utf8))
        await #expect(throws: RegistryError.self) { try await uploads.finish(id, as: wrong, in: name) }
        #expect(try await storage.list(V2Layout.blobs, after: nil, limit: 1) == [])
        await #expect(throws: RegistryError.blobUnknown(wrong)) { _ = try await registry().blob(wrong, in: name) }
    }

    @Test(
        "an upload whose file another process removed or truncated is unknown, and the rest does not become a blob",
        arguments: [nil, "ab"]
    )
    func lost(rest: String?) async throws {
        let name = try RepositoryName(parsing: "a")
        let uploads = registry().uploads
        let digest = Digest(.sha256, of: Array("abcdef".utf8))
        for isEnding in [false, true] {
            let id = try await uploads.begin(in: name)
            _ = try await uploads.append(chunk(isEnding ? "abcdef" : "abc"), at: 0, to: id, in: name)
            let data = V2Layout.uploadData(id, in: name)
            if let rest { try await storage.write(ByteBuffer(string: rest), to: data) }
            if rest == nil { try await storage.remove(data) }
            await #expect(throws: RegistryError.uploadUnknown(id.description)) {
                if isEnding {
                    try await uploads.finish(id, as: digest, in: name)
                } else {
                    _ = try await uploads.append(chunk("def"), at: 3, to: id, in: name)
                }
            }
            await #expect(throws: RegistryError.uploadUnknown(id.description)) {
                try await uploads.byteCount(of: id, in: name)
            }
        }
        #expect(try await storage.list(V2Layout.blobs, after: nil, limit: 1) == [])
    }

    @Test("an upload that could not be read when finished can be finished again")
    func unreadable() async throws {
        let name = try RepositoryName(parsing: "a")
        let unreadable = UnreadableStorage(storage)
        let uploads = openRegistry(unreadable).uploads
        let id = try await uploads.begin(in: name)
        _ = try await uploads.append(chunk("abc"), at: 0, to: id, in: name)
        let digest = Digest(.sha512, of: Array("abc".utf8))
        await #expect(throws: RegistryError.self) { try await uploads.finish(id, as: digest, in: name) }
        unreadable.mend()
        try await uploads.finish(id, as: digest, in: name)
        let bytes = try await registry().blob(digest, in: name).read(at: 0, byteCount: 100)
        #expect(String(buffer: bytes) == "abc")
    }

    @Test("a blob that lost bytes is restored when it is pushed again")
    func mended() async throws {
        let name = try RepositoryName(parsing: "a")
        let content = Array("hello world".utf8)
        for algorithm in [Digest.Algorithm.sha256, .sha512] {
            let digest = Digest(algorithm, of: content)
            for _ in 0..<2 {
                let uploads = registry().uploads
                let id = try await uploads.begin(in: name)
                _ = try await uploads.append(chunk("hello world"), at: 0, to: id, in: name)
                try await uploads.finish(id, as: digest, in: name)
                let bytes = try await registry().blob(digest, in: name).read(at: 0, byteCount: 100)
                #expect(Array(buffer: bytes) == content)
                let data = V2Layout.blobData(Digest(.sha256, of: content))
                try await storage.write(ByteBuffer(string: "hello"), to: data)
            }
        }
    }

    @Test("the location of another registry, of another upload, or of a finished one begins nothing")
    func locations() async throws {
        let (name, other) = (try RepositoryName(parsing: "a"), try RepositoryName(parsing: "b"))
        let first = registry().uploads
        let id = try await first.begin(in: name)
        let state = try await first.state(of: id, in: name)
        let second = registry().uploads
        let foreign = openRegistry(MemoryStorage()).uploads
        let wrong = [
            "", "x", String(state.dropLast()), state + "A", "A" + state.dropFirst(),
            try await foreign.state(of: id, in: name), try await first.state(of: id, in: other),
            try await first.state(of: UploadID(), in: name), String(repeating: "A", count: 1 << 20),
        ]
        for text in wrong {
            try await second.restore(id, in: name, by: text)
            await #expect(throws: RegistryError.uploadUnknown(id.description)) {
                try await second.byteCount(of: id, in: name)
            }
        }
        for uploads in [first, second] {
            try await uploads.restore(id, in: name, by: state)
            #expect(try await uploads.byteCount(of: id, in: name) == 0)
            try await uploads.cancel(id, in: name)
            try await uploads.restore(id, in: name, by: state)
            await #expect(throws: RegistryError.uploadUnknown(id.description)) {
                try await uploads.byteCount(of: id, in: name)
            }
        }
    }

    @Test("an upload whose bytes come with the finishing request leaves no file but the blob and its link")
    func whole() async throws {
        let name = try RepositoryName(parsing: "a")
        let uploads = registry().uploads
        let id = try await uploads.begin(in: name)
        #expect(try await storage.list(.root, after: nil, limit: 1) == [])
        let digest = Digest(.sha256, of: Array("abc".utf8))
        try await uploads.finish(id, as: digest, in: name, appending: chunk("abc"), at: 0)
        #expect(try await storage.list(V2Layout.repository(name), after: nil, limit: 9).map(\.name) == ["_layers"])
        #expect(try await storage.list(.root, after: nil, limit: 9).map(\.name) == ["docker"])
        let bytes = try await registry().blob(digest, in: name).read(at: 0, byteCount: 100)
        #expect(String(buffer: bytes) == "abc")
    }

    @Test("an upload belongs to its repository")
    func otherRepository() async throws {
        let uploads = registry().uploads
        let id = try await uploads.begin(in: RepositoryName(parsing: "a"))
        await #expect(throws: RegistryError.uploadUnknown(id.description)) {
            try await uploads.byteCount(of: id, in: RepositoryName(parsing: "b"))
        }
    }
}
