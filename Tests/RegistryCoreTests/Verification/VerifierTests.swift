import ImageModel
import NIOCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

@Suite("A verification") struct VerifierTests {
    @Test("finds nothing where nothing is damaged, and says how much it verified")
    func intact() async throws {
        let world = try await VerifiedWorld()
        let report = try await world.verify()
        #expect(report.findings.map(\.line) == [])
        #expect(report.layerCount == 4 && report.manifestCount == 6 && report.tagCount == 8)
        #expect(report.blobCount > 10 && report.recordCount >= 8 && report.quarantine.isEmpty)
    }

    @Test("finds each damage and nothing else; a repair or new pushes make up for it", arguments: InjectedDamage.all)
    func finds(damage: InjectedDamage) async throws {
        var world = try await VerifiedWorld()
        let expected = try await damage.apply(world).map { "\($0.rawValue) \($1)" }
        #expect(!expected.isEmpty)
        let found = try await world.verify().findings
        #expect(found.map { "\($0.kind.rawValue) \($0.key)" }.sorted() == expected.sorted(), "\(found.map(\.line))")
        let repaired = try await world.verify(repairs: true)
        #expect(Set(repaired.findings.map(\.identity)) == Set(found.map(\.identity)))
        guard damage.isRepairable else { return }
        if try await !world.verify().isClean { try await world.push() }
        let last = try await world.verify()
        #expect(last.findings.map(\.line) == [], "\(repaired.findings.map(\.line))")
    }

    @Test(
        "an object that cannot be read, or not twice with the same bytes, is not damaged, and stays where it is",
        arguments: [UnsteadyStorage.Fault.failing, .changing, .short]
    )
    func unreadable(fault: UnsteadyStorage.Fault) async throws {
        let storage = UnsteadyStorage(MemoryStorage())
        let world = try await VerifiedWorld(storage)
        let key = V2Layout.blobData(VerifiedWorld.digest(11))
        storage.set(fault, for: key)
        let report = try await world.verify(repairs: true)
        #expect(report.findings.map(\.kind) == [.unreadable] && report.findings.first?.repair == nil)
        #expect(report.quarantine.isEmpty)
        storage.set(nil, for: key)
        #expect(try await world.verify().isClean)
    }

    @Test("what is replaced or removed while it is read is not damaged")
    func changing() async throws {
        let storage = UnsteadyStorage(MemoryStorage())
        let world = try await VerifiedWorld(storage)
        let key = V2Layout.blobData(VerifiedWorld.digest(11))
        let right = ByteBuffer(bytes: VerifiedWorld.layer(11))
        try await world.flip(key)
        storage.set(.replaced(right), for: key)
        #expect(try await world.verify().findings.map(\.line) == [])
        let unneeded = Digest(.sha256, of: [1])
        try await world.write([2], V2Layout.blobData(unneeded))
        storage.set(.removed, for: V2Layout.blobData(unneeded))
        #expect(try await world.verify().findings.map(\.line) == [])
    }

    @Test("says which repositories and tags need a damaged blob, also through an index")
    func names() async throws {
        let world = try await VerifiedWorld()
        try await world.flip(V2Layout.blobData(VerifiedWorld.digest(11)))
        try await world.flip(V1Layout.layer(TestTree.id("1")))
        let findings = try await world.verify().findings
        let blob = try #require(findings.first { $0.kind == .damagedBlob })
        #expect(blob.repositories == ["a/app", "other"])
        #expect(blob.tags == ["a/app:list", "a/app:one", "a/app:schema1", "other:latest"])
        let layer = try #require(findings.first { $0.kind == .damagedLayer })
        #expect(layer.tags == ["a/old:latest"])
    }

    @Test("a file with several names is read once")
    func shared() async throws {
        let counting = CountingStorage(MemoryStorage())
        let world = try await VerifiedWorld(counting)
        let before = counting.opened.count
        let report = try await world.verify()
        let opened = counting.opened[before...]
        #expect(report.layerCount == 4)
        for number in 1...3 { #expect(!opened.contains(V2Layout.blobData(VerifiedWorld.digest(number)))) }
        #expect(Set(opened).count == opened.count)
    }

    @Test("without repair nothing is written; with it nothing is lost")
    func writes() async throws {
        let recorder = WriteRecorder(MemoryStorage())
        let world = try await VerifiedWorld(recorder)
        let key = V2Layout.blobData(VerifiedWorld.digest(12))
        try await world.flip(key)
        let damaged = try await world.bytes(key)
        #expect(try await recorder.writes { _ = try await world.verify() } == [])
        #expect(try await recorder.writes { _ = try await world.verify(repairs: true) } == ["commit"])
        let aside = try #require(try await world.verify().quarantine.first)
        #expect(aside.origin == key.description && aside.byteCount == Int64(damaged.count))
        #expect(try await world.bytes(ObjectKey(validating: aside.key)) == damaged)
        await #expect(throws: RegistryError.blobUnknown(VerifiedWorld.digest(12))) {
            try await world.registry.blob(VerifiedWorld.digest(12), in: world.app)
        }
    }

    @Test("a verification in the background makes damaged blobs count as missing, and continues where it was")
    func scrub() async throws {
        let counting = CountingStorage(MemoryStorage())
        var pushed = try await VerifiedWorld(counting)
        let world = pushed
        let key = V2Layout.blobData(VerifiedWorld.digest(12))
        try await world.flip(key)
        var options = VerificationOptions(width: 1)
        (options.marksDamage, options.resumes) = (true, true)
        let first = try await world.registry.verifier.run(options, progress: VerificationProgress())
        #expect(first.findings.map(\.kind) == [.damagedBlob])
        await #expect(throws: RegistryError.blobUnknown(VerifiedWorld.digest(12))) {
            try await world.registry.blob(VerifiedWorld.digest(12), in: world.app)
        }
        try await pushed.push()
        #expect(try await world.verify().isClean)
        /// The blobs in the order in which they are read.
        func read(_ options: VerificationOptions) async throws -> [ObjectKey] {
            let before = counting.opened.count
            _ = try await world.registry.verifier.run(options, progress: VerificationProgress())
            return counting.opened[before...].filter { V2Layout.digest(ofBlob: $0) != nil }
        }
        let all = try await read(VerificationOptions(width: 1))
        let prefix = try #require(all.first).parent.parent
        // As if it had been interrupted after these blobs.
        try await world.write("\(prefix)", OwnLayout.root.appending("scrub/blobs"))
        let isFirst = { (key: ObjectKey) in key.parent.parent == prefix }
        #expect(try await read(options) == all.filter { !isFirst($0) } + all.filter(isFirst))
    }

    @Test("at least forty kinds of damage are tried")
    func number() { #expect(InjectedDamage.all.count >= 40) }
}
