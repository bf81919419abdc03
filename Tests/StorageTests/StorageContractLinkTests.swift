import NIOCore
import Storage
import Testing

@Suite("The storage contract: links")
struct StorageContractLinkTests {
    @Test("makes a second name of one object", arguments: StorageDriver.withDirectories)
    func links(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("layer", to: "images/1/layer")
            #expect(try await storage.link("images/1/layer", to: "blobs/ab/data") == .hardLink)
            let one = try await storage.attributes(of: .root.appending("images/1/layer"))
            #expect(try await storage.attributes(of: .root.appending("blobs/ab/data")) == one)
            try await storage.remove(.root.appending("images/1/layer"))
            #expect(try await storage.text("blobs/ab/data") == "layer")
        }
    }

    @Test(
        "keeps the very same object",
        arguments: StorageDriver.withDirectories,
        [LinkPolicy.hardLink, LinkPolicy.copy]
    )
    func keeps(driver: StorageDriver, policy: LinkPolicy) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("layer", to: "a")
            #expect(try await storage.link("a", to: "b") == .hardLink)
            #expect(try await storage.link("a", to: "b", allowing: policy) == .alreadyThere)
            #expect(try await storage.link("a", to: "a", allowing: policy) == .alreadyThere)
            #expect(try await storage.names() == ["a", "b"])
        }
    }

    @Test("replaces a different object, even with the same bytes", arguments: StorageDriver.withDirectories)
    func replaces(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("layer", to: "a")
            for old in ["layer", "else"] {
                try await storage.write(old, to: "b")
                #expect(try await storage.link("a", to: "b") == .hardLink)
                let one = try await storage.attributes(of: .root.appending("a"))
                #expect(try await storage.attributes(of: .root.appending("b")) == one)
            }
            #expect(try await storage.names() == ["a", "b"])
        }
    }

    @Test("copies on request: the two are independent from then on", arguments: StorageDriver.withDirectories)
    func copies(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("layer", to: "a")
            let outcome = try await storage.link("a", to: "b/c", allowing: .copy)
            #expect([.copy(because: .requested), .reflink(because: .requested)].contains(outcome))
            let writer = try await storage.append(to: .root.appending("a"), isTemporary: false)
            try await writer.append(ByteBuffer(string: "+"))
            #expect(try await storage.text("b/c") == "layer")
            #expect(try await storage.text("a") == "layer+")
        }
    }

    @Test(
        "refuses a source that is absent or a directory, and leaves nothing behind",
        arguments: StorageDriver.withDirectories
    )
    func refuses(driver: StorageDriver) async throws {
        try await driver.withFileStorage { storage in
            try await storage.write("x", to: "a/b")
            for policy in [LinkPolicy.hardLink, .copy] {
                await #expect(throws: StorageError.absent(.root.appending("no"))) {
                    try await storage.link("no", to: "new/b", allowing: policy)
                }
                let directory = ObjectKey.root.appending("a")
                await #expect(throws: StorageError.unreadable(directory, reason: "Is a directory")) {
                    try await storage.link("a", to: "new/b", allowing: policy)
                }
            }
            #expect(try await storage.names() == ["a/"])
        }
    }

    @Test(
        "copies from another storage of another kind",
        arguments: StorageDriver.withDirectories,
        StorageDriver.withDirectories
    )
    func crosses(from: StorageDriver, to: StorageDriver) async throws {
        let bytes = ByteBuffer(bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) })
        let key = ObjectKey.root.appending("a/b")
        try await from.withFileStorage { source in
            try await to.withFileStorage { target in
                try await source.write(bytes, to: key)
                let outcome = try await target.link(LinkSource(key, in: source), to: key, allowing: .hardLink)
                #expect(outcome == (from == to ? .hardLink : .copy(because: .differentDrivers)))
                #expect(try await target.read(key, limit: 3_000_000) == bytes)
                let absent = ObjectKey.root.appending("no")
                await #expect(throws: StorageError.absent(absent)) {
                    try await target.link(LinkSource(absent, in: source), to: key, allowing: .hardLink)
                }
                #expect(try await target.names("a") == ["b"])
            }
        }
    }
}
