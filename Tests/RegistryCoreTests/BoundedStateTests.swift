import ImageModel
import NIOCore
import Storage
import Testing

@testable import RegistryCore
@testable import SystemLibraries

@Suite("The limits on open state") struct BoundedStateTests {
    private func registry(_ storage: any ObjectStorage, uploads: Int = 10, images: Int = 10) -> Registry {
        var configuration = Registry.Configuration(conversionConcurrency: 1)
        configuration.uploadLimit = uploads
        configuration.begunImageLimit = images
        return openRegistry(storage, configuration)
    }

    @Test("uploads are limited, and finishing one makes room")
    func uploads() async throws {
        let name = try RepositoryName(parsing: "a")
        let uploads = registry(MemoryStorage(), uploads: 3).uploads
        let first = try await uploads.begin(in: name)
        for _ in 0..<2 { _ = try await uploads.begin(in: name) }
        await #expect(throws: RegistryError.unavailable(reason: "too many uploads are in progress")) {
            try await uploads.begin(in: name)
        }
        try await uploads.cancel(first, in: name)
        _ = try await uploads.begin(in: name)
    }

    @Test("begun images are limited, and completing one makes room")
    func images() async throws {
        let registry = registry(MemoryStorage(), images: 2)
        let ids = try (1...4).map { try V1ImageID(parsing: String(repeating: "\($0)", count: 64)) }
        func json(_ id: V1ImageID) -> ByteBuffer { ByteBuffer(string: "{\"id\":\"\(id)\"}") }
        for id in ids[..<2] { try await registry.pushes.begin(id, json: json(id)) }
        let refusal = RegistryError.unavailable(reason: "too many pushes of v1 images are in progress")
        await #expect(throws: refusal) { try await registry.pushes.begin(ids[2], json: json(ids[2])) }
        // One that was begun may be begun again.
        try await registry.pushes.begin(ids[0], json: json(ids[0]))
        try await registry.push(ids[1], zeroBlockCount: 2)
        try await registry.pushes.begin(ids[2], json: json(ids[2]))
        await #expect(throws: refusal) { try await registry.pushes.begin(ids[3], json: json(ids[3])) }
    }

    @Test("memory for bodies is reserved, refused and released")
    func buffers() {
        let pool = BufferPool(byteCount: 100)
        var reservation = pool.reserve(60)
        #expect(reservation?.byteCount == 60)
        #expect(pool.reserve(41) == nil)
        #expect(pool.reserve(40) != nil)
        reservation = nil
        #expect(reservation == nil && pool.reserve(100) != nil)
    }

    @Test(
        "a file's name is listed without trailing slashes, in linear time",
        arguments: [
            ("a", "a", false), ("./a/b", "/a/b", false), ("./", "/", false), (".", "/", false), ("/", "/", false),
            ("a//", "a", false), ("./.wh.gone", "/gone", true), ("/.wh.gone", "/gone", true), ("", "", false),
            (String(repeating: "/", count: 1 << 20), "/", false),
        ]
    )
    func names(written: String, listed: String, isDeleted: Bool) throws {
        #expect(try text(of: [written]) == "[[\"\(listed)\", \"f\", \(isDeleted), 0, 0, 0, 0, 0]]")
    }

    @Test("a union file system's own files are not listed, and a list that gets too long is refused")
    func lists() throws {
        #expect(try text(of: []) == "[]")
        #expect(try text(of: [".", "/.wh..wh.plnk"]) == "[[\"/\", \"f\", false, 0, 0, 0, 0, 0]]")
        let name = String(repeating: "x", count: 1 << 20)
        #expect(throws: FileListTooLong.self) { _ = try text(of: Array(repeating: name, count: 65)) }
    }

    private func text(of names: [String]) throws(FileListTooLong) -> String {
        var list = FileListText()
        for name in names {
            try list.add(
                TarEntry(
                    name: Array(name.utf8),
                    type: UInt8(ascii: "0"),
                    mode: 0,
                    userID: 0,
                    groupID: 0,
                    byteCount: 0,
                    modified: 0,
                    linkName: [],
                    userName: [],
                    groupName: [],
                    deviceMajor: 0,
                    deviceMinor: 0
                )
            )
        }
        var text = list.take()
        var end = list.finish()
        text.writeBuffer(&end)
        return String(buffer: text)
    }
}
