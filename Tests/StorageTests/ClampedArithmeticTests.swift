import Glibc
import NIOPosix
import Storage
import Testing

@Suite("Untrusted numbers") struct ClampedArithmeticTests {
    static let numbers: [Int8] = [.min, .min + 1, -64, -2, -1, 0, 1, 2, 64, .max - 1, .max]

    @Test(
        "are added, subtracted and multiplied, clamping to the nearest representable value",
        arguments: numbers,
        numbers
    )
    func clamped(left: Int8, right: Int8) {
        #expect(left.clampedAdding(right) == Int8(clamping: Int(left) + Int(right)))
        #expect(left.clampedSubtracting(right) == Int8(clamping: Int(left) - Int(right)))
        #expect(left.clampedMultiplied(by: right) == Int8(clamping: Int(left) * Int(right)))
    }

    @Test("are summed with clamping")
    func sum() {
        #expect([Int64.max, 1, 5].clampedSum == .max)
        #expect([Int64]().clampedSum == 0)
    }

    @Test("a file may have any time", arguments: [-20_000_000_000, -315_619_200, 9_246_182_400, 20_000_000_000])
    func times(seconds: Int) async throws {
        let directory = try ScratchDirectory()
        try directory.makeFile("file")
        let times = [timespec(tv_sec: seconds, tv_nsec: 5), timespec(tv_sec: seconds, tv_nsec: 5)]
        try #require(utimensat(AT_FDCWD, directory.path("file"), times, 0) == 0)
        let storage = try await FileSystemStorage.open(
            root: directory.path,
            access: .readOnly,
            threadPool: .singleton
        )
        let attributes = try #require(try await storage.attributes(of: try ObjectKey(validating: "file")))
        #expect((attributes.modified < 0) == (seconds < 0))
        try directory.remove()
    }
}
