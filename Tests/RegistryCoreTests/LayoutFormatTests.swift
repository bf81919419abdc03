import NIOCore
import Storage
import Testing

@testable import RegistryCore

@Suite("The format of a directory") struct LayoutFormatTests {
    private let storage = MemoryStorage()

    private func written() async throws -> String? {
        try await storage.read(OwnLayout.format, limit: 64).map { String(buffer: $0) }
    }

    @Test("is recorded where version 0.1.0 recorded none, and only by those who may write")
    func upgrade() async throws {
        try await LayoutFormat.check(storage)
        #expect(try await written() == nil)
        try await LayoutFormat.upgrade(storage)
        #expect(try await written() == "1\n")
        let recorder = WriteRecorder(storage)
        #expect(try await recorder.writes { try await LayoutFormat.upgrade(recorder) } == [])
    }

    @Test(
        "is refused with a sentence when it is newer or malformed, and left unchanged",
        arguments: [
            ("2\n", UnknownLayoutFormat.newer(2), "newer version"), ("99", .newer(99), "newer version"),
            ("", .malformed(""), "longshore/format"), ("v1", .malformed("v1"), "longshore/format"),
            ("0", .malformed("0"), "longshore/format"),
            ("99999999999999999999", .malformed("99999999999999999999"), "longshore/format"),
        ]
    )
    func refusal(text: String, expected: UnknownLayoutFormat, part: String) async throws {
        try await storage.write(ByteBuffer(string: text), to: OwnLayout.format)
        await #expect(throws: expected) { try await LayoutFormat.check(storage) }
        await #expect(throws: expected) { try await LayoutFormat.upgrade(storage) }
        #expect(expected.description.contains(part))
        #expect(try await written() == text)
    }
}
