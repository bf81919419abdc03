import Glibc
import NIOCore
import Testing

@testable import Storage

@Suite("Reading an unreadable file")
struct FileSystemReadingTests {
    @Test(
        "distinguishes a failing medium from an unreadable file",
        arguments: [(EIO, false), (ESTALE, false), (ENOMEM, false), (EACCES, true), (EPERM, true)]
    )
    func kinds(code: Int32, isOfOneObject: Bool) async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, _ in call == .open ? code : nil }
            let storage = try await recorder.open(directory.path)
            let key = ObjectKey.root.appending("a")
            let error = await #expect(throws: StorageError.self) { try await storage.read(key, limit: 10) }
            #expect(error?.isOfOneObject == isOfOneObject)
        }
    }

    @Test("does not report it absent, and still returns its neighbours")
    func presence() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, path in
                call == .status && path?.hasSuffix("/hidden") == true ? EACCES : nil
            }
            let storage = try await recorder.open(directory.path)
            try await storage.write(.init(string: "x"), to: ObjectKey.root.appending("there"))
            let keys = ["there", "absent", "hidden"].map { ObjectKey.root.appending($0) }
            #expect(try await storage.exist(keys) == [true, false, true])
            #expect(try await storage.exist([]) == [])
        }
    }
}
