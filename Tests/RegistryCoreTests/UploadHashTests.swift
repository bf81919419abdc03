import ImageModel
import NIOCore
import Testing

@testable import RegistryCore

@Suite("The hash state of an upload") struct UploadHashTests {
    @Test("continues from what was saved since the system was booted, and from nothing else", arguments: [true, false])
    func restored(hasOther: Bool) async throws {
        var hash = UploadHash(hasOther ? .sha512 : .sha256)
        await hash.take(ByteBuffer(string: "01234"))
        let saved = hash.saved
        var restored = try #require(UploadHash(restoring: saved))
        #expect(restored.byteCount == 5)
        for byte in ["5", "6"] {
            await hash.take(ByteBuffer(string: byte))
            await restored.take(ByteBuffer(string: byte))
        }
        #expect(restored.digest == hash.digest && restored.digest(by: .sha512) == hash.digest(by: .sha512))
        #expect(UploadHash(restoring: saved, boot: "another run") == nil)
        #expect(UploadHash(restoring: Array(saved.dropLast(40))) == nil)
        #expect(UploadHash(restoring: []) == nil)
    }

    @Test("is not restored from a record with any byte changed or cut off", arguments: [true, false])
    func damaged(hasOther: Bool) async {
        var hash = UploadHash(hasOther ? .sha512 : .sha256)
        await hash.take(ByteBuffer(string: "01234"))
        let saved = hash.saved
        for index in saved.indices {
            for byte in [0, 1, saved[index] &+ 1, saved[index] ^ 0x80, 0xFF] as [UInt8] where byte != saved[index] {
                var damaged = saved
                damaged[index] = byte
                #expect(UploadHash(restoring: damaged) == nil, "byte \(index) as \(byte)")
            }
        }
        let wholes = saved.indices.filter { UploadHash(restoring: Array(saved[..<$0])) != nil }
        // Cut after the first state, it is a valid record of an upload with a single state.
        #expect(wholes.count == (hasOther ? 1 : 0))
    }
}
