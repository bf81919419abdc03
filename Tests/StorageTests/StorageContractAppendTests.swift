import NIOCore
import Storage
import Testing

@Suite("A file storage: appending")
struct StorageContractAppendTests {
    private let key = ObjectKey.root.appending("uploads/1/data")

    @Test("shows a growing object, byte by byte", arguments: StorageDriver.withDirectories)
    func grows(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            let writer = try await storage.append(to: key, isTemporary: false)
            #expect(try await storage.attributes(of: key)?.byteCount == 0)
            try await writer.append(ByteBuffer(string: "abc"))
            try await writer.append(ByteBuffer())
            try await writer.append(ByteBuffer(string: "def"))
            #expect(await writer.byteCount == 6)
            #expect(try await storage.text("uploads/1/data") == "abcdef")
            #expect(try await storage.names("uploads/1") == ["data"])
        }
    }

    @Test("appends the readable bytes of a buffer", arguments: StorageDriver.withDirectories)
    func appendsReadableBytes(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            var bytes = ByteBuffer(string: "headbody")
            bytes.moveReaderIndex(forwardBy: 4)
            let writer = try await storage.append(to: .root.appending("a"), isTemporary: false)
            try await writer.append(bytes)
            #expect(try await storage.text("a") == "body")
        }
    }

    @Test("continues at the end of an existing object", arguments: StorageDriver.withDirectories)
    func resumes(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            let first = try await storage.append(to: key, isTemporary: false)
            try await first.append(ByteBuffer(string: "abc"))
            try await first.close()
            let second = try await storage.append(to: key, isTemporary: false)
            #expect(await second.byteCount == 3)
            try await second.append(ByteBuffer(string: "def"))
            try await second.close()
            #expect(try await storage.text("uploads/1/data") == "abcdef")
        }
    }

    @Test("truncates an object, and appends after that", arguments: StorageDriver.withDirectories)
    func truncates(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            let writer = try await storage.append(to: key, isTemporary: false)
            try await writer.append(ByteBuffer(string: "abcdef"))
            try await writer.truncate(to: 2)
            #expect(await writer.byteCount == 2)
            try await writer.append(ByteBuffer(string: "X"))
            #expect(try await storage.text("uploads/1/data") == "abX")
        }
    }

    @Test(
        "refuses to truncate a missing object, and changes nothing",
        arguments: StorageDriver.withDirectories,
        [-1, 4]
    )
    func refusesTruncation(driver: StorageDriver, byteCount: Int64) async throws {
        try await driver.withFileStorage { storage in
            let writer = try await storage.append(to: key, isTemporary: false)
            try await writer.append(ByteBuffer(string: "abc"))
            await #expect(throws: StorageError.unwritable(key, reason: "Invalid argument")) {
                try await writer.truncate(to: byteCount)
            }
            #expect(await writer.byteCount == 3)
            #expect(try await storage.text("uploads/1/data") == "abc")
        }
    }

    @Test("refuses to append once closed", arguments: StorageDriver.withDirectories)
    func refusesWhenClosed(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            let writer = try await storage.append(to: key, isTemporary: false)
            try await writer.close()
            await #expect(throws: StorageError.unwritable(key, reason: "Bad file descriptor")) {
                try await writer.append(ByteBuffer(string: "abc"))
            }
        }
    }

    @Test("ends a reader where the object ended when it was opened", arguments: StorageDriver.withDirectories)
    func readersEnd(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            let writer = try await storage.append(to: key, isTemporary: false)
            try await writer.append(ByteBuffer(string: "abc"))
            let reader = try #require(try await storage.open(key))
            try await writer.append(ByteBuffer(string: "def"))
            #expect(String(buffer: try await reader.read(at: 0, byteCount: 100)) == "abc")
        }
    }

    @Test("becomes a whole object by being moved", arguments: StorageDriver.withDirectories)
    func moves(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            let writer = try await storage.append(to: key, isTemporary: false)
            try await writer.append(ByteBuffer(string: "layer"))
            try await writer.close()
            try await storage.move(key, to: .root.appending("blobs/ab/data"))
            #expect(try await storage.text("blobs/ab/data") == "layer")
            #expect(try await storage.attributes(of: key) == nil)
        }
    }
}
