import NIOCore
import Storage
import Testing

@Suite("The storage contract: concurrency")
struct StorageContractConcurrencyTests {
    @Test("shows readers whole values while fifty writers replace them", arguments: StorageDriver.allCases)
    func writers(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            let key = ObjectKey.root.appending("deep/down/value")
            try await storage.write(value(0), to: key)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 1...50 {
                    group.addTask { try await storage.write(value(UInt8(writer)), to: key) }
                    group.addTask {
                        let bytes = try #require(try await storage.read(key, limit: 1 << 20))
                        let first = try #require(bytes.readableBytesView.first)
                        #expect(bytes == value(first))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.names("deep/down") == ["value"])
        }
    }

    @Test("creates the same directories for many at once", arguments: StorageDriver.allCases)
    func directories(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 10..<60 { group.addTask { try await storage.write("x", to: "a/b/c/d/\(index)") } }
                try await group.waitForAll()
            }
            #expect(try await storage.names("a/b/c/d") == (10..<60).map { "\($0)" })
        }
    }

    @Test("loses no writes while empty directories are removed", arguments: StorageDriver.allCases)
    func emptying(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            let prefix = ObjectKey.root.appending("a/b")
            for round in 0..<100 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await storage.write("x", to: "a/b/\(round)") }
                    group.addTask { try await storage.prune(prefix) }
                    try await group.waitForAll()
                }
                #expect(try await storage.names("a/b") == ["\(round)"])
                try await storage.prune(prefix, removing: [prefix.appending("\(round)")])
                #expect(try await storage.attributes(of: prefix) == nil)
            }
        }
    }

    @Test(
        "writes while another removes the tree: an object exists whole, or was removed",
        arguments: StorageDriver.allCases
    )
    func removal(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask { try await storage.write("whole", to: "tree/\(index)/x/y") }
                    group.addTask { try await storage.removeAll(below: .root.appending("tree")) }
                }
                while let result = await group.nextResult() {
                    // A tree that is repeatedly removed faster than it can be created is reported.
                    if case .failure(let error) = result { #expect(error is StorageError) }
                }
            }
            for name in try await storage.names("tree") {
                let text = try await storage.text("tree/\(name)x/y")
                #expect(text == nil || text == "whole")
            }
            try await storage.removeAll(below: .root.appending("tree"))
            #expect(try await storage.names().isEmpty)
        }
    }

    @Test("links one object to a hundred names at once", arguments: StorageDriver.withDirectories)
    func links(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("layer", to: "a")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        let outcome = try await storage.link("a", to: "to/\(index % 10)")
                        #expect(outcome == .hardLink || outcome == .alreadyThere)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.names("to") == (0..<10).map { "\($0)" })
        }
    }

    private func value(_ byte: UInt8) -> ByteBuffer { ByteBuffer(repeating: byte, count: 10_000 + Int(byte) * 100) }
}
