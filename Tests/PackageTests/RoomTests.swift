import Foundation
import Testing

/// The rooms of each target: its folders, in the order in which they may use each other. Files next to the folders may
/// use all of them.
@Suite struct RoomTests {
    static let rooms: [String: [String]] = [
        "SystemLibraries": ["Digests", "Signing", "Certificates", "Passwords", "Compression", "Tar", "Layers"],
        "Conversion": ["Go", "Documents", "Schema1", "V1ToV2", "V2ToV1", "Derived", "Negotiation"],
        "RegistryCore": [
            "Names", "Concurrency", "Events", "Records", "Content", "V1Tree", "Layers", "Tags", "V1ToV2", "Derived",
            "Pulling",
            "V2ToV1",
            "Indexes", "Bridge", "Reachability", "V1Push", "Collection", "Retention", "Usage", "Verification",
            "Clients",
        ],
        "Operations": ["Metrics", "Health", "Logs", "Notifications"],
        "RegistryHTTP": ["Messages", "Encryption", "Server", "Access", "API", "V1", "V2"],
        "WebPage": ["Routes", "Rendering", "Sessions", "Views"],
    ]

    @Test("a room uses only those before it", arguments: rooms.keys.sorted())
    func order(of target: String) throws {
        let order = try #require(Self.rooms[target])
        let files = try SwiftSource.all(of: target)
        #expect(Set(files.compactMap(\.room)) == Set(order))
        var home: [String: Int] = [:]
        for file in files {
            for type in file.types { home[type] = Self.position(of: file, in: order) }
        }
        for file in files {
            let position = Self.position(of: file, in: order)
            for type in file.capitalized {
                guard let used = home[type], used > position else { continue }
                let room = used < order.count ? "the room \(order[used])" : "the files beside the rooms"
                Issue.record("\(file.path) uses \(type), which is in \(room)")
            }
        }
    }

    @Test("no name is used for two types")
    func names() throws {
        var owners: [String: String] = [:]
        for target in ImportTests.allowed.keys.sorted() {
            for file in try SwiftSource.all(of: target) where !file.path.hasSuffix("/SanitizerLocks.swift") {
                for type in file.types {
                    if let other = owners[type] { Issue.record("\(type) is in \(other) and \(file.path)") }
                    owners[type] = file.path
                }
            }
        }
        #expect(owners.count > 300)
    }

    private static func position(of file: SwiftSource, in order: [String]) -> Int {
        file.room.flatMap(order.firstIndex(of:)) ?? order.count
    }
}
