import ImageModel
import NIOCore
import Storage
import SystemLibraries
import Testing

@testable import RegistryCore

/// Two processes with their own ledgers over one bucket, whose clock a test moves.
@Suite("The ledger of a collection in a bucket")
struct BucketLedgerTests {
    private let clock = ScheduleClock()
    private let bucket: MemoryBucket
    private let writer: BucketLedger
    private let collector: BucketLedger
    private let digest = Digest(.sha256, of: Array("content".utf8))

    init() {
        let clock = clock
        bucket = MemoryBucket(clock: { clock.now })
        writer = BucketLedger(bucket) { clock.advance(by: max($0, .seconds(1))) }
        collector = BucketLedger(bucket)
    }

    private func announce() async throws -> WriteIntent { try await writer.announce { [digest] in [digest] } }

    /// The names of the ledger's objects, below the epochs.
    private func objects(_ prefix: ObjectKey) async throws -> [String] {
        var names: [String] = []
        for entry in try await bucket.list(prefix) {
            let key = prefix.appending(entry.name)
            names += entry.isDirectory ? try await objects(key) : [entry.name]
        }
        return names
    }

    @Test("shows a write to other processes until it has ended")
    func announcements() async throws {
        let intent = try await announce()
        #expect(intent.content == [digest])
        #expect(try await collector.announced() == [digest])
        try await writer.withdraw(intent)
        #expect(try await collector.announced() == [])
        #expect(try await objects(OwnLayout.intents) == [])
        let empty = try await writer.announce { [] }
        #expect(empty.number == 0 && empty.deadline == nil, "a write that names nothing costs nothing")
        #expect(try await objects(OwnLayout.intents) == [])
    }

    @Test("ignores an announcement once the storage refuses the write")
    func expiry() async throws {
        let intent = try await announce()
        await writer.abandon(intent)
        clock.advance(by: BucketLedger.intentLifetime)
        #expect(try await collector.announced() == [digest])
        clock.advance(by: .seconds(1))
        let link = ObjectKey.root.appending("link")
        let put = WriteBatch.Change.put(ByteBuffer(string: "\(digest)"), at: link, .any, .durable)
        let late = WriteBatch([put], deadline: intent.deadline)
        await #expect(throws: StorageError.expired(link)) { try await bucket.commit(late) }
        #expect(try await collector.announced() == [])
        #expect(try await objects(OwnLayout.intents) == [])
    }

    @Test("lets the first verdict stand, whoever asks")
    func verdicts() async throws {
        let epoch = try await collector.beginEpoch()
        #expect(try await writer.condemnations(of: [digest]) == [])
        let other = Digest(.sha512, of: Array("content".utf8))
        try await collector.condemn([digest, other], in: epoch)
        let condemnation = Condemnation(content: digest, epoch: epoch)
        #expect(try await writer.condemnations(of: [digest]) == [condemnation])
        #expect(try await writer.judge(condemnation, .keep) == CollectionJudgment(.keep))
        #expect(try await collector.judge(condemnation, .delete) == CollectionJudgment(.keep))
        let second = Condemnation(content: other, epoch: epoch)
        let deadline = clock.now + BucketLedger.deletionTime.nanoseconds
        #expect(try await collector.judge(second, .delete) == CollectionJudgment(.delete, deadline: deadline))
        #expect(try await writer.judge(second, .keep).verdict == .delete)
        try await collector.lift([digest, other], in: epoch)
        #expect(try await writer.condemnations(of: [digest, other]) == [])
        try await collector.endEpoch(epoch)
    }

    @Test("does not take a verdict to keep for the first once an earlier one may have been removed")
    func lateVerdict() async throws {
        let epoch = try await collector.beginEpoch()
        try await collector.condemn([digest], in: epoch)
        let condemnation = Condemnation(content: digest, epoch: epoch)
        #expect(try await writer.condemnations(of: [digest]) == [condemnation])
        _ = try await collector.judge(condemnation, .delete)
        clock.advance(by: .seconds(8 * 3600))
        // Another process cleans up after the first, which did not lift what it condemned.
        try await collector.endEpoch(epoch)
        let other = BucketLedger(bucket)
        let next = try await other.beginEpoch()
        #expect(try await objects(OwnLayout.verdicts) == [])
        #expect(try await writer.judge(condemnation, .keep).verdict == .delete)
        try await other.endEpoch(next)
    }

    @Test("has a writer that came second wait until the deletion is over, or cannot take effect")
    func waiting() async throws {
        let epoch = try await collector.beginEpoch()
        try await collector.condemn([digest], in: epoch)
        let condemnation = Condemnation(content: digest, epoch: epoch)
        _ = try await collector.judge(condemnation, .delete)
        let start = clock.now
        _ = try await writer.condemnations(of: [digest])
        try await writer.waitUntilLifted(condemnation)
        #expect(clock.now - start > BucketLedger.deletionTime.nanoseconds)
        // A collector that ends after an error does not lift what a lost request may still delete.
        try await collector.endEpoch(epoch)
        #expect(try await writer.condemnations(of: [digest]) == [condemnation])
        let next = try await collector.beginEpoch()
        #expect(next > epoch)
        try await collector.condemn([digest], in: next)
        let again = Condemnation(content: digest, epoch: next)
        _ = try await collector.judge(again, .delete)
        try await collector.lift([digest], in: next)
        let later = clock.now
        try await writer.waitUntilLifted(again)
        #expect(clock.now == later)
        try await collector.endEpoch(next)
    }

    @Test("removes what an interrupted collection left, once its verdicts would come too late")
    func trimming() async throws {
        let epoch = try await collector.beginEpoch()
        try await collector.condemn([digest], in: epoch)
        let condemnation = Condemnation(content: digest, epoch: epoch)
        let other = BucketLedger(MemoryBucket(sharing: bucket))
        await #expect(throws: StorageError.self) { try await other.beginEpoch() }
        clock.advance(by: BucketLedger.condemnationLifetime)
        #expect(try await collector.judge(condemnation, .delete).verdict == .delete)
        try await collector.endEpoch(epoch)
        clock.advance(by: .seconds(1))
        // The verdict stands; there can be no new one.
        let late = Condemnation(content: Digest(.sha256, of: Array("late".utf8)), epoch: epoch)
        let second = try await other.beginEpoch()
        #expect(try await writer.condemnations(of: [digest]) == [condemnation])
        try await other.condemn([late.content], in: second)
        clock.advance(by: BucketLedger.condemnationLifetime + .seconds(1))
        let refused = try await other.judge(Condemnation(content: late.content, epoch: second), .delete)
        #expect(refused == CollectionJudgment(.keep), "it comes too late")
        try await other.lift([late.content], in: second)
        try await other.endEpoch(second)
        clock.advance(by: BucketLedger.condemnationLifetime)
        let third = try await other.beginEpoch()
        #expect(try await objects(OwnLayout.condemned) == [])
        #expect(try await objects(OwnLayout.verdicts) == [])
        try await other.endEpoch(third)
    }

    @Test("protects what a damaged announcement may name: the collection ends")
    func damage() async throws {
        try await bucket.write(ByteBuffer(string: "sha256:"), to: OwnLayout.intent(1))
        await #expect(throws: StorageError.self) { try await collector.announced() }
    }
}
