import NIOCore
import Storage
import Testing

@Suite("The storage contract: batches")
struct StorageContractCommitTests {
    private func key(_ path: String) -> ObjectKey { .root.appending(path) }

    private func text(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    private func refusal(_ batch: WriteBatch, by storage: any ObjectStorage) async -> StorageError? {
        do throws(StorageError) {
            try await storage.commit(batch)
            return nil
        } catch {
            return error
        }
    }

    @Test("makes all changes of a batch, in order", arguments: StorageDriver.allCases)
    func order(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("upload", to: "uploads/1/data")
            try await storage.write("start", to: "uploads/1/started")
            try await storage.write("old", to: "gone")
            var batch = WriteBatch()
            batch.promote(try await storage.staged(key("uploads/1/data")), to: key("blobs/1"))
            batch.put(text("1"), at: key("links/1"))
            batch.put(text("2"), at: key("links/1"))
            batch.put(text("note"), at: key("notes/1"), as: .cache)
            batch.put(text("secret"), at: key("secret"), as: .secret)
            batch.share(key("blobs/1"), as: key("layers/1"))
            batch.require(key("layers/1"), byteCount: 6)
            batch.remove(key("gone"))
            batch.remove(key("never/there"))
            batch.discard(key("uploads/1"))
            batch.discard(key("nothing/there"))
            #expect(await refusal(batch, by: storage) == StorageError.absent(key("layers/1")))
            #expect(try await storage.names() == ["gone", "uploads/"])
            try await storage.write("layers", to: "layers/1")
            try await storage.commit(batch)
            #expect(try await storage.text("blobs/1") == "upload")
            #expect(try await storage.text("links/1") == "2")
            #expect(try await storage.text("notes/1") == "note")
            #expect(try await storage.text("secret") == "secret")
            #expect(try await storage.text("layers/1") == "upload")
            #expect(try await storage.text("gone") == nil)
            #expect(try await storage.names("uploads").isEmpty)
            try await storage.commit(WriteBatch())
        }
    }

    @Test("stops at a missing object, after making the changes before or none", arguments: StorageDriver.allCases)
    func prefix(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("x", to: "layer")
            var batch = WriteBatch()
            batch.put(text("1"), at: key("first"))
            batch.discard(key("layer"))
            batch.require(key("layer"))
            batch.put(text("2"), at: key("second"))
            #expect(await refusal(batch, by: storage) == StorageError.absent(key("layer")))
            #expect([["first"], ["layer"]].contains(try await storage.names()))
            try await storage.remove(key("layer"))
            let before = try await storage.names()
            batch = WriteBatch()
            batch.put(text("3"), at: key("third"))
            batch.share(key("layer"), as: key("other"))
            batch.put(text("4"), at: key("fourth"))
            #expect(await refusal(batch, by: storage) == StorageError.absent(key("layer")))
            #expect([before, before + ["third"]].contains(try await storage.names()))
        }
    }

    @Test("does nothing when a required object differs", arguments: StorageDriver.allCases)
    func requirement(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("four", to: "a")
            for (name, count) in [("a", Int64(5)), ("b", 4)] {
                var batch = WriteBatch()
                batch.put(text("new"), at: key("link"))
                batch.require(key(name), byteCount: count)
                #expect(await refusal(batch, by: storage) == StorageError.absent(key(name)))
            }
            #expect(try await storage.names() == ["a"])
        }
    }

    @Test("writes only if a condition holds", arguments: StorageDriver.allCases)
    func conditions(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            func put(_ bytes: String, if condition: WriteBatch.Condition) async throws {
                var batch = WriteBatch()
                batch.put(text(bytes), at: key("before/\(bytes)"), as: .cache)
                batch.put(text(bytes), at: key("a/tag"), if: condition)
                try await storage.commit(batch)
            }
            try await put("1", if: .absent)
            let first = try #require(try await storage.attributes(of: key("a/tag"))).version
            await #expect(throws: StorageError.changed(key("a/tag"))) { try await put("2", if: .absent) }
            try await put("3", if: .version(first))
            await #expect(throws: StorageError.changed(key("a/tag"))) { try await put("4", if: .version(first)) }
            #expect(try await storage.text("a/tag") == "3")
            // A bucket has made the changes before the condition.
            #expect(try await storage.names("before") == (driver == .bucket ? ["1", "2", "3", "4"] : ["1", "3"]))
            var removal = WriteBatch()
            removal.remove(key("a/tag"), if: .version(first))
            #expect(await refusal(removal, by: storage) == StorageError.changed(key("a/tag")))
            let second = try #require(try await storage.attributes(of: key("a/tag"))).version
            removal = WriteBatch()
            removal.remove(key("a/tag"), if: .version(second))
            try await storage.commit(removal)
            #expect(try await storage.text("a/tag") == nil)
        }
    }

    @Test("lets only one of many create an object", arguments: StorageDriver.allCases)
    func oneWinner(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            let winners = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        var batch = WriteBatch()
                        batch.put(text("\(number)"), at: key("key"), if: .absent)
                        do { try await storage.commit(batch) } catch StorageError.changed { return nil }
                        return "\(number)"
                    }
                }
                return try await group.reduce(into: []) { all, winner in winner.map { all.append($0) } }
            }
            #expect(winners.count == 1)
            #expect(try await storage.text("key") == winners.first)
        }
    }

    @Test("keeps an object with the same bytes, and replaces any other", arguments: StorageDriver.allCases)
    func ensures(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            var batch = WriteBatch()
            batch.ensure(text("digest"), at: key("link"))
            try await storage.commit(batch)
            let before = try await storage.attributes(of: key("link"))
            try await storage.commit(batch)
            #expect(try await storage.attributes(of: key("link")) == before)
            for other in ["", "dig", "digest and more", "tsegid"] {
                try await storage.write(other, to: "link")
                try await storage.commit(batch)
                #expect(try await storage.text("link") == "digest")
            }
        }
    }

    @Test(
        "makes an object durable that was written as a cache, and replaces any other",
        arguments: StorageDriver.allCases
    )
    func ensuresCaches(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            var batch = WriteBatch()
            batch.ensure(text("json"), at: key("a/json"), wasCache: true)
            batch.put(text("checksum"), at: key("a/checksum"))
            for present in [nil, "json", "", "jso"] {
                if let present { try await storage.write(text(present), to: key("a/json"), as: .cache) }
                try await storage.commit(batch)
                #expect(try await storage.text("a/json") == "json")
                #expect(try await storage.text("a/checksum") == "checksum")
            }
        }
    }

    @Test("makes all of many concurrent commits", arguments: StorageDriver.allCases)
    func together(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        var batch = WriteBatch()
                        batch.put(text("\(number)"), at: key("blobs/\(number % 7)/\(number)"))
                        batch.put(text("\(number)"), at: key("links/\(number)"))
                        batch.ensure(text("same"), at: key("same"))
                        try await storage.commit(batch)
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<40 { #expect(try await storage.text("links/\(number)") == "\(number)") }
            #expect(try await storage.text("same") == "same")
        }
    }

    @Test("reads several objects in one step", arguments: StorageDriver.allCases)
    func reads(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await storage.write("one", to: "a/1")
            try await storage.write("three", to: "a/3")
            let keys = ["a/1", "a/2", "a/3"].map(key)
            let all = try await storage.read(keys, limit: 10)
            #expect(all == [text("one"), nil, text("three")])
            let none = try await storage.read([], limit: 10)
            #expect(none.isEmpty)
            await #expect(throws: StorageError.tooLarge(key("a/3"), byteCount: 5, limit: 4)) {
                _ = try await storage.read(keys, limit: 4)
            }
        }
    }
}
