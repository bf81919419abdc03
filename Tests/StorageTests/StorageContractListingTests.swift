import Storage
import Testing

@Suite("The storage contract: listings")
struct StorageContractListingTests {
    @Test("lists in byte order, and marks directories", arguments: StorageDriver.allCases)
    func order(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            for key in ["b", "a-b", "a/x", "Z", "é", "z", "_c", "10", "9"] { try await storage.write("x", to: key) }
            #expect(try await storage.names() == ["10", "9", "Z", "_c", "a/", "a-b", "b", "z", "é"])
        }
    }

    @Test(
        "starts after a name, existing or not, and ends at the limit",
        arguments: StorageDriver.allCases,
        [
            (nil, 2, ["a", "c"]), ("a", 2, ["c", "e"]), ("b", 1, ["c"]), ("e", 10, ["g"]), ("g", 10, []),
            ("", 1, ["a"]),
            (nil, 0, []),
        ]
    )
    func pages(driver: StorageDriver, page: (after: String?, limit: Int, names: [String])) async throws {
        try await driver.withStorage { storage in
            for name in ["a", "c", "e", "g"] { try await storage.write("x", to: "list/\(name)") }
            #expect(try await storage.names("list", after: page.after, limit: page.limit) == page.names)
        }
    }

    @Test("walks a long directory page by page without a gap", arguments: StorageDriver.allCases)
    func walk(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            let names = (0..<57).map { "n\($0)" }
            for name in names { try await storage.write("", to: "list/\(name)") }
            var seen: [String] = []
            while true {
                let page = try await storage.names("list", after: seen.last, limit: 10)
                if page.isEmpty { break }
                seen += page
            }
            #expect(seen == names.sorted())
        }
    }
}
