import NIOCore
import Storage
import Testing

@Suite("The storage contract: objects")
struct StorageContractTests {
    @Test("returns nil, empty or false when there is nothing", arguments: StorageDriver.allCases)
    func absence(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("x", to: "file")
            for path in ["no", "no/such/key", "file/below"] {
                let key = ObjectKey.root.appending(path)
                #expect(try await storage.attributes(of: key) == nil)
                #expect(try await storage.read(key, limit: 10) == nil)
                #expect(try await storage.open(key) == nil)
                #expect(try await storage.list(key, after: nil, limit: 10).isEmpty)
                try await storage.remove(key)
                try await storage.removeAll(below: key)
            }
        }
    }

    @Test("reads back what was written, and replaces it whole", arguments: StorageDriver.allCases)
    func writes(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            for text in ["first", "", "a longer one than that"] {
                try await storage.write(text, to: "a/b/c")
                #expect(try await storage.text("a/b/c") == text)
            }
            #expect(try await storage.names("a/b") == ["c"])
        }
    }

    @Test("writes temporary objects at once", arguments: StorageDriver.allCases)
    func writesUnsynced(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            for text in ["first", "second"] {
                try await storage.write(ByteBuffer(string: text), to: .root.appending("a/b"), as: .cache)
                #expect(try await storage.text("a/b") == text)
            }
        }
    }

    @Test("writes the readable bytes of a buffer", arguments: StorageDriver.allCases)
    func writesReadableBytes(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            var bytes = ByteBuffer(string: "headbody")
            bytes.moveReaderIndex(forwardBy: 4)
            try await storage.write(bytes, to: .root.appending("a"))
            #expect(try await storage.text("a") == "body")
        }
    }

    @Test("distinguishes objects from directories", arguments: StorageDriver.allCases)
    func attributes(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("12345", to: "a/b")
            let object = try #require(try await storage.attributes(of: .root.appending("a/b")))
            #expect(object.kind == .object)
            #expect(object.byteCount == 5)
            #expect(object.modified > 1_700_000_000_000_000_000)
            let directory = try #require(try await storage.attributes(of: .root.appending("a")))
            #expect(directory.kind == .directory)
            #expect(directory.byteCount == 0)
            #expect(try await storage.attributes(of: .root)?.kind == .directory)
        }
    }

    @Test("gives a replaced object another version", arguments: StorageDriver.allCases)
    func version(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("old", to: "a")
            // Kept open: a file system may reuse the inode number of a deleted file.
            let old = try #require(try await storage.open(.root.appending("a")))
            try await storage.write("new", to: "a")
            let new = try #require(try await storage.attributes(of: .root.appending("a")))
            #expect(new.version != old.attributes.version)
        }
    }

    @Test("refuses to collect more than the limit", arguments: StorageDriver.allCases)
    func limit(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("12345", to: "a")
            let key = ObjectKey.root.appending("a")
            #expect(try await storage.read(key, limit: 5)?.readableBytes == 5)
            await #expect(throws: StorageError.tooLarge(key, byteCount: 5, limit: 4)) {
                try await storage.read(key, limit: 4)
            }
        }
    }

    @Test("refuses to read or replace a directory as an object", arguments: StorageDriver.withDirectories)
    func directories(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("x", to: "a/b")
            let key = ObjectKey.root.appending("a")
            await #expect(throws: StorageError.unreadable(key, reason: "Is a directory")) {
                try await storage.read(key, limit: 10)
            }
            await #expect(throws: StorageError.unreadable(key, reason: "Is a directory")) {
                try await storage.open(key)
            }
            await #expect(throws: StorageError.unwritable(key, reason: "Is a directory")) {
                try await storage.write("y", to: "a")
            }
            await #expect(throws: StorageError.unwritable(key, reason: "Is a directory")) {
                try await storage.remove(key)
            }
            #expect(try await storage.text("a/b") == "x")
        }
    }

    @Test("refuses a key below an object", arguments: StorageDriver.withDirectories)
    func belowObject(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("x", to: "a")
            let key = ObjectKey.root.appending("a/b/c")
            await #expect(throws: StorageError.unwritable(key, reason: "Not a directory")) {
                try await storage.write("y", to: "a/b/c")
            }
            await #expect(throws: StorageError.unwritable(key, reason: "Not a directory")) {
                try await storage.append(to: key, isTemporary: false)
            }
        }
    }

    @Test(
        "reads any range, and not beyond the end",
        arguments: StorageDriver.allCases,
        [
            (0, 10, "0123456789"), (3, 4, "3456"), (8, 5, "89"), (10, 1, ""), (99, 1, ""), (0, 0, ""),
            (2, 1 << 40, "23456789"),
        ]
    )
    func ranges(driver: StorageDriver, range: (offset: Int64, byteCount: Int, text: String)) async throws {
        try await driver.withStorage { storage in
            try await storage.write("0123456789", to: "a")
            let reader = try #require(try await storage.open(.root.appending("a")))
            let bytes = try await reader.read(at: range.offset, byteCount: range.byteCount)
            #expect(String(buffer: bytes) == range.text)
        }
    }

    @Test("lets a reader keep what it opened", arguments: StorageDriver.allCases)
    func readersKeep(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            let key = ObjectKey.root.appending("a")
            try await storage.write("old", to: "a")
            let first = try #require(try await storage.open(key))
            try await storage.write("newer", to: "a")
            let second = try #require(try await storage.open(key))
            try await storage.remove(key)
            #expect(String(buffer: try await first.read(at: 0, byteCount: 10)) == "old")
            #expect(first.attributes.byteCount == 3)
            #expect(String(buffer: try await second.read(at: 0, byteCount: 10)) == "newer")
        }
    }

    @Test("removes one object, and leaves its directory", arguments: StorageDriver.withDirectories)
    func removes(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("x", to: "a/b")
            try await storage.remove(.root.appending("a/b"))
            try await storage.remove(.root.appending("a/b"))
            #expect(try await storage.names() == ["a/"])
        }
    }

    @Test("removes everything below a prefix, and nothing else", arguments: StorageDriver.allCases)
    func removesAll(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            for key in ["a/b/c", "a/b/d/e/f", "a/bc", "z"] { try await storage.write("x", to: key) }
            try await storage.removeAll(below: .root.appending("a/b"))
            #expect(try await storage.names("a") == ["bc"])
            try await storage.removeAll(below: .root.appending("a/bc"))
            #expect(try await storage.names() == (driver == .bucket ? ["z"] : ["a/", "z"]))
            try await storage.write("x", to: "m/marker")
            try await storage.write("x", to: "m/more")
            let first = ["m/marker", "z"].map { ObjectKey.root.appending($0) }
            try await storage.removeAll(below: .root.appending("m"), first: first)
            #expect(try await storage.names() == (driver == .bucket ? [] : ["a/"]))
            try await storage.removeAll(below: .root)
            #expect(try await storage.names().isEmpty)
            try await storage.write("x", to: "a/b/c")
            #expect(try await storage.text("a/b/c") == "x")
        }
    }

    @Test("moves an object, replacing the existing one", arguments: StorageDriver.allCases)
    func moves(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("new", to: "from/a")
            try await storage.write("old", to: "to/b/c")
            try await storage.move(.root.appending("from/a"), to: .root.appending("to/b/c"))
            #expect(try await storage.text("to/b/c") == "new")
            #expect(try await storage.names("from").isEmpty)
            try await storage.move(.root.appending("to/b/c"), to: .root.appending("to/b/c"))
            #expect(try await storage.text("to/b/c") == "new")
            await #expect(throws: StorageError.absent(.root.appending("from/a"))) {
                try await storage.move(.root.appending("from/a"), to: .root.appending("x/y"))
            }
            #expect(try await storage.names() == (driver == .bucket ? ["to/"] : ["from/", "to/"]))
        }
    }

    @Test("moves a name onto another of the same object", arguments: StorageDriver.withDirectories)
    func movesBetweenLinks(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("x", to: "a")
            #expect(try await storage.link("a", to: "b") == .hardLink)
            try await storage.move(.root.appending("a"), to: .root.appending("b"))
            #expect(try await storage.names() == ["b"])
        }
    }
}
