import Foundation
import Storage
import Testing

@testable import RegistryCore

@Suite("A collection of a large registry", .serialized) struct LargeCollectionTests {
    private static let isFull = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == "1"

    /// The peak memory of this process, in KiB.
    private func peak() throws -> Int { try field("VmHWM:") }

    private func field(_ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name) })
        return try #require(line.split { !$0.isNumber }.first.flatMap { Int($0) })
    }

    @Test("takes 200 MB for a million blobs and 100,000 manifests, and reads no manifest a second time")
    func memory() async throws {
        let storage = LargeRegistry(repositoryCount: Self.isFull ? 1000 : 5)
        let registry = openRegistry(storage)
        let before = try field("VmRSS:")
        let clock = ContinuousClock()
        let policy = CollectionPolicy(isDryRun: true)
        var report = CollectionReport()
        let first = try await clock.measure { report = try await registry.collector.run(policy) }
        #expect(report.blobs.count == 0)
        // Plus the empty layer, which every manifest names.
        #expect(report.liveCount == storage.blobCount + 1)
        #expect(report.readManifestCount == storage.repositoryCount * LargeRegistry.manifestCount)
        let second = try await clock.measure { report = try await registry.collector.run(policy) }
        #expect(report.readManifestCount == 0)
        let taken = try peak() - before
        if Self.isFull {
            print("a million blobs: \(taken / 1024) MiB, \(first) the first time, \(second) the second")
            #expect(taken < 200 << 10)
        }
    }
}
