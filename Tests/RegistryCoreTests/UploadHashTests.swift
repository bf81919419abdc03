import ImageModel
import NIOCore
import Testing

@testable import RegistryCore

@Suite("The hash of an upload") struct UploadHashTests {
    @Test("goes on from what was saved in this run of the system, and from nothing else", arguments: [true, false])
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
}
