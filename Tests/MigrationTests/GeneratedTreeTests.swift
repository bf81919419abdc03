import Foundation
import ImageModel
import Migration
import NIOPosix
import RegistryCore
import Storage
import SystemLibraries
import Testing

@Suite struct GeneratedTreeTests {
    @Test("every sound tag of a large tree is converted, every damaged one is named with the right reason")
    func damages() async throws {
        let source = MemoryStorage()
        var tree = GeneratedTree(storage: source, seed: 6)
        try await tree.write(.init(imageCount: 192, layerByteCount: 20_000, damageInterval: 8))
        let result = try await MigrationRun(from: source, to: MemoryStorage())()
        #expect(result.tags.count == tree.soundTagCount)
        let reasons = Dictionary(result.failures.map { ("\($0.repository):\($0.tag)", $0.reason) }) { first, _ in first
        }
        #expect(Set(reasons.keys) == Set(tree.expectedFailures.keys))
        #expect(Set(tree.expectedFailures.values).count == GeneratedTree.Damage.allCases.count)
        for (tag, damage) in tree.expectedFailures {
            #expect(reasons[tag]?.contains(damage.rawValue) == true, "\(tag): \(reasons[tag] ?? "no reason")")
        }
    }

    /// The rates are printed, not judged: other tests run beside this one.
    @Test("a tree on disk is converted whole, and a second run changes nothing")
    func throughput() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "longshore-benchmark-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        func storage(_ name: String) async throws -> FileSystemStorage {
            let path = root.appending(path: name).path(percentEncoded: false)
            return try await FileSystemStorage.open(root: path, access: .readWrite, threadPool: .singleton)
        }
        let source = try await storage("v1")
        var tree = GeneratedTree(storage: source, seed: 20)
        try await tree.write(
            .init(imageCount: 64, layerByteCount: 1_000_000, damageInterval: 160)
        )
        let run = MigrationRun(from: source, to: try await storage("v2"))
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let beginning = ContinuousClock.now
        let result = try await run { $0.jobs = cores }
        let middle = ContinuousClock.now
        let again = try await run { $0.jobs = cores }
        let first = middle - beginning
        let second = ContinuousClock.now - middle
        #expect(result.tags.count == tree.soundTagCount)
        #expect(again.changedNothing)
        let oneCore = ThroughputEstimate.measured(jobs: 1, byteRateLimit: nil).bytesPerSecond
        let rate = Double(tree.layerByteCount) / (first / .seconds(1))
        let share = rate / (oneCore * Double(cores))
        print(
            "\(tree.layerByteCount >> 20) MiB at \(Int(rate / 1e6)) MB/s, one core reads \(Int(oneCore / 1e6)) MB/s: "
                + "\(Int(share * 100)) % of \(cores) cores; the second run took \(Int(second / first * 100)) % of the time"
        )
    }
}
