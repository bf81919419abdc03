import ImageModel
import SystemLibraries
import Testing

@testable import RegistryCore

@Suite("The ledger of a collection in memory")
struct MemoryLedgerTests {
    private let digest = Digest(.sha256, of: Array("content".utf8))

    @Test("tells a write that was announced before about content that is gone, and forgets it with the write")
    func deletions() async throws {
        let ledger = MemoryLedger()
        let epoch = try await ledger.beginEpoch()
        let intent = try await ledger.announce { [digest] in [digest] }
        #expect(intent.content == [digest])
        await ledger.condemn([digest], in: epoch)
        let condemnation = Condemnation(content: digest, epoch: epoch)
        #expect(await ledger.judge(condemnation, .delete).verdict == .delete)
        await ledger.lift([digest], in: epoch)
        for isOpen in [true, false] {
            if !isOpen { await ledger.endEpoch(epoch) }
            #expect(await ledger.condemnations(of: [digest]).map(\.content) == [digest])
            #expect(await ledger.judge(condemnation, .keep).verdict == .delete)
            await ledger.waitUntilLifted(condemnation)
        }
        await ledger.withdraw(intent)
        #expect(await ledger.condemnations(of: [digest]).isEmpty)
    }

    @Test("saves content that a write asks for first, and says nothing of it afterwards")
    func saved() async throws {
        let ledger = MemoryLedger()
        let epoch = try await ledger.beginEpoch()
        let intent = try await ledger.announce { [digest] in [digest] }
        await ledger.condemn([digest], in: epoch)
        let condemnation = Condemnation(content: digest, epoch: epoch)
        #expect(await ledger.judge(condemnation, .keep).verdict == .keep)
        #expect(await ledger.judge(condemnation, .delete).verdict == .keep)
        await ledger.lift([digest], in: epoch)
        #expect(await ledger.condemnations(of: [digest]).isEmpty)
        await ledger.withdraw(intent)
        await ledger.endEpoch(epoch)
    }
}
