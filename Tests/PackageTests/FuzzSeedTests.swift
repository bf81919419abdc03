import Foundation
import FuzzTargets
import Testing

/// The past findings of fuzzers, and their starting inputs.
@Suite struct FuzzSeedTests {
    @Test("every seed of a fuzz target passes", arguments: FuzzTarget.all.map(\.name))
    func seeds(of name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = try FuzzSeed.all(of: target)
        #expect(!seeds.isEmpty)
        for seed in seeds {
            await #expect(throws: Never.self, "\(seed)") { try await target.run(seed.bytes) }
        }
    }

    @Test("every folder of seeds belongs to a target")
    func folders() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: FuzzSeed.folder.path)
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
    }
}
