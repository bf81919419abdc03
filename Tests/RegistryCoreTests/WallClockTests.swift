import Foundation
import ImageModel
import NIOCore
import Storage
import Testing

@testable import RegistryCore

@Suite("Times of wrong clocks") struct WallClockTests {
    @Test(
        "are clamped to 64 bits",
        arguments: [
            (0, 0), (1.5, 1_500_000_000), (-315_619_200, -315_619_200_000_000_000), (9_246_182_400, .max),
            (-9_246_182_400, .min), (1e300, .max), (-1e300, .min), (.infinity, .max), (.nan, .max),
        ] as [(Double, Int64)]
    )
    func nanoseconds(seconds: Double, nanoseconds: Int64) {
        #expect(WallClock.nanoseconds(seconds: seconds) == nanoseconds)
        if seconds.isFinite {
            #expect(WallClock.nanoseconds(Date(timeIntervalSince1970: seconds)) == nanoseconds)
        }
    }

    @Test(
        "can be compared with any file time",
        arguments: [
            (0, 0, 0), (10, 3, 7), (.min, .max, .min), (.max, .min, .max), (-1, .max, .min), (0, .min, .max),
        ] as [(Int64, Int64, Int64)]
    )
    func ages(now: Int64, modified: Int64, age: Int64) {
        #expect(WallClock.age(of: modified, now: now) == age)
        let policy = LayerImportPolicy(isSourceIdle: false, acceptsStaleInProgress: false)
        let isOld = age > LayerImportPolicy.settlingTime
        #expect(policy.linkPolicy(modified: modified, isInProgress: false, now: now) == (isOld ? .hardLink : .copy))
    }

    @Test(
        "a count of open pushes survives manipulation",
        arguments: [
            ("-9223372036854775808", false), ("9223372036854775807", true), ("2", true), ("x", false), ("", false),
        ]
    )
    func openPushes(text: String, isLeftOver: Bool) async throws {
        let storage = MemoryStorage()
        let id = try V1ImageID(parsing: String(repeating: "a", count: 64))
        let pushes = OpenPushes(storage: storage)
        try await storage.write(ByteBuffer(string: text), to: OwnLayout.openPushes(of: id))
        #expect(try await pushes.isLeftOver(id) == isLeftOver)
        try await pushes.add(to: id)
        var batch = WriteBatch()
        let isComplete = try await pushes.complete(id, &batch)
        #expect(isComplete)
    }
}
