import NIOCore
import Storage
import Testing

@Suite("The storage contract: leases")
struct StorageContractLeaseTests {
    private let key = ObjectKey.root.appending("leases/collection")

    /// The lease; nil when someone else has it.
    private func lease(of storage: any ObjectStorage, for holder: String) async throws -> (any StorageLease)? {
        do { return try await storage.lease(key, for: holder) } catch StorageError.locked { return nil }
    }

    @Test("is held by one, and names it to the others", arguments: StorageDriver.allCases)
    func exclusion(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            let leases = try await withThrowingTaskGroup(of: (any StorageLease)?.self) { group in
                for number in 0..<12 { group.addTask { try await lease(of: storage, for: "holder \(number)") } }
                return try await group.reduce(into: []) { all, lease in lease.map { all.append($0) } }
            }
            #expect(leases.count == 1)
            let error = await #expect(throws: StorageError.self) { _ = try await storage.lease(key, for: "me") }
            guard case .locked(let path, let holder)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(path.hasSuffix("leases/collection") && holder.hasPrefix("holder "))
            try await leases.first?.release()
        }
    }

    @Test(
        "has a different term each time, and can be acquired again after its release",
        arguments: StorageDriver.allCases
    )
    func terms(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            var last: UInt64 = 0
            for _ in 0..<3 {
                let lease = try #require(try await lease(of: storage, for: "me"))
                #expect(lease.term > last)
                last = lease.term
                try await lease.release()
                try await lease.release()
            }
            // An expired one does not release the next.
            let old = try await storage.lease(key, for: "old")
            try await old.release()
            let new = try await storage.lease(key, for: "new")
            try await old.release()
            #expect(try await lease(of: storage, for: "third") == nil)
            try await new.release()
            let other = try await storage.lease(.root.appending("leases/other"), for: "me")
            try await other.release()
        }
    }

    @Test("is released with the last reference", arguments: StorageDriver.allCases)
    func lastReference(driver: StorageDriver) async throws {
        try await driver.withStorage { storage in
            var first: (any StorageLease)? = try await storage.lease(key, for: "first")
            let term = try #require(first?.term)
            first = nil
            let second = try await storage.lease(key, for: "second")
            #expect(second.term > term)
            try await second.release()
        }
    }
}
