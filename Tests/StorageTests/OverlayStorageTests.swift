import NIOCore
import Storage
import Testing

/// Writes on top of a read-only storage.
@Suite struct OverlayStorageTests {
    private static func text(_ byteCount: Int, _ character: Character = "x") -> String {
        String(repeating: character, count: byteCount)
    }

    @Test("accepts any number of bytes over time: the oldest discardable ones are dropped")
    func discards() async throws {
        let overlay = OverlayStorage(over: MemoryStorage(), byteLimit: 1000, discarding: .root.appending("cache"))
        try await overlay.write("kept", to: "kept/a")
        for index in 0..<100 { try await overlay.write(Self.text(100), to: "cache/\(index)") }
        #expect(try await overlay.text("kept/a") == "kept")
        #expect(try await overlay.text("cache/99") == Self.text(100))
        #expect(try await overlay.text("cache/0") == nil)
        let names = try await overlay.names("cache")
        #expect((5...9).contains(names.count))
    }

    @Test("bytes that are replaced, removed or moved away no longer count")
    func accounts() async throws {
        let overlay = OverlayStorage(over: MemoryStorage(), byteLimit: 1000)
        for _ in 0..<20 {
            try await overlay.write(Self.text(600), to: "a")
            try await overlay.move(.root.appending("a"), to: .root.appending("b"))
            try await overlay.remove(.root.appending("b"))
            try await overlay.write(Self.text(900), to: "c/d")
            try await overlay.removeAll(below: .root.appending("c"))
        }
        try await overlay.write(Self.text(1000), to: "e")
        try await overlay.write(Self.text(1000, "y"), to: "e")
        #expect(try await overlay.text("e") == Self.text(1000, "y"))
    }

    @Test("what has no room is refused for that reason, and the previous content stays")
    func full() async throws {
        let overlay = OverlayStorage(over: MemoryStorage(), byteLimit: 1000, discarding: .root.appending("cache"))
        try await overlay.write(Self.text(600), to: "kept")
        try await overlay.write(Self.text(300), to: "cache/a")
        for key in ["kept", "other"] {
            let error = await #expect(throws: StorageError.self) { try await overlay.write(Self.text(1001), to: key) }
            guard case .full(let full, let reason)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(full.description == key && reason.contains("read-only"))
        }
        #expect(try await overlay.text("kept") == Self.text(600))
        try await overlay.write(Self.text(400), to: "other")
    }
}
