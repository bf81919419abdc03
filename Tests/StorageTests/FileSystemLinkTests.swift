import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Storage

@Suite("Links of a file system storage")
struct FileSystemLinkTests {
    @Test(
        "copies where the system makes no hard link, and reports why",
        arguments: [
            (EXDEV, CopyReason.differentFileSystems), (EPERM, .notPermitted), (EACCES, .notPermitted),
            (ENOTSUP, .notSupported), (ENOSYS, .notSupported),
        ]
    )
    func fallsBack(code: Int32, reason: CopyReason) async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, _ in call == .link ? code : nil }
            let storage = try await recorder.open(directory.path)
            try await storage.write("layer", to: "a")
            let outcome = try await storage.link("a", to: "b/c")
            #expect(outcome == .copy(because: reason) || outcome == .reflink(because: reason))
            #expect(try await storage.text("b/c") == "layer")
            #expect(try directory.inode("a") != directory.inode("b/c"))
        }
    }

    @Test(
        "copies whatever the file system lacks: all bytes, in pieces",
        arguments: [[SystemCall.clone], [.clone, .copyRange]],
        [0, 1, FileCopy.pieceByteCount, FileCopy.pieceByteCount + 1]
    )
    func copies(lacking: [SystemCall], byteCount: Int) async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, _ in lacking.contains(call) ? EOPNOTSUPP : nil }
            let storage = try await recorder.open(directory.path)
            let bytes = ByteBuffer(bytes: (0..<byteCount).lazy.map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) })
            try await storage.write(bytes, to: .root.appending("a"))
            #expect(try await storage.link("a", to: "b", allowing: .copy) == .copy(because: .requested))
            #expect(try await storage.read(.root.appending("b"), limit: .max) == bytes)
        }
    }

    @Test("reports an error unrelated to links")
    func failure() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, _ in call == .link ? EIO : nil }
            let storage = try await recorder.open(directory.path)
            try await storage.write("layer", to: "a")
            let key = ObjectKey.root.appending("new/b")
            await #expect(throws: StorageError.unwritable(key, reason: "Input/output error")) {
                try await storage.link("a", to: "new/b")
            }
            #expect(try directory.names() == ["a"])
        }
    }

    @Test("gives a file with too many links a successor, with its times and permissions")
    func freshCopy() async throws {
        try await withScratchDirectory { directory in
            let full = directory.path("a")
            let links = Counter()
            let recorder = CallRecorder { _, call, _ in call == .link && links.next() == 0 ? EMLINK : nil }
            let storage = try await recorder.open(directory.path)
            try await storage.write("layer", to: "a")
            #expect(Glibc.link(full, directory.path("older")) == 0)
            #expect(chmod(full, 0o640) == 0)
            let before = try #require(try await storage.attributes(of: .root.appending("a")))
            #expect(try await storage.link("a", to: "b") == .freshCopyLinked)
            let after = try #require(try await storage.attributes(of: .root.appending("a")))
            #expect(try directory.inode("a") == directory.inode("b"))
            let older = try #require(try await storage.attributes(of: .root.appending("older")))
            #expect(older.version == before.version)
            #expect(after.version != before.version)
            #expect(after.modified == before.modified)
            var status = stat()
            #expect(stat(full, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o640)
            #expect(try await storage.names() == ["a", "b", "older"])
        }
    }

    @Test("copies a file with too many links from a storage that is not its own, which is unchanged")
    func foreignFullFile() async throws {
        try await withScratchDirectory { old in
            try await withScratchDirectory { new in
                let origin = try await FileSystemStorage.open(
                    root: old.path,
                    access: .readWrite,
                    threadPool: .singleton
                )
                try await origin.write("layer", to: "a")
                let before = try old.inode("a")
                let reading = try await FileSystemStorage.open(
                    root: old.path,
                    access: .readOnly,
                    threadPool: .singleton
                )
                let recorder = CallRecorder { _, call, _ in call == .link ? EMLINK : nil }
                let storage = try await recorder.open(new.path)
                let key = ObjectKey.root.appending("a")
                let outcome = try await storage.link(LinkSource(key, in: reading), to: key, allowing: .hardLink)
                #expect(outcome == .copy(because: .tooManyLinks) || outcome == .reflink(because: .tooManyLinks))
                #expect(try old.inode("a") == before)
                #expect(try old.names() == ["a"])
            }
        }
    }

    @Test("copies when even the successor cannot be linked")
    func noLinksAtAll() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, _ in call == .link ? EMLINK : nil }
            let storage = try await recorder.open(directory.path)
            try await storage.write("layer", to: "a")
            let outcome = try await storage.link("a", to: "b")
            #expect(outcome == .copy(because: .tooManyLinks) || outcome == .reflink(because: .tooManyLinks))
            #expect(try await storage.names() == ["a", "b"])
        }
    }

    @Test("links the file behind a symbolic link, not the link")
    func symbolicLink() async throws {
        try await withScratchDirectory { directory in
            let storage = try await CallRecorder().open(directory.path)
            try await storage.write("layer", to: "real/a")
            #expect(symlink("real/a", directory.path("alias")) == 0)
            #expect(try await storage.link("alias", to: "deep/b") == .hardLink)
            #expect(try directory.inode("deep/b") == directory.inode("real/a"))
            try await storage.move(.root.appending("alias"), to: .root.appending("deep/c"))
            #expect(try await storage.text("deep/c") == "layer")
            #expect(try await storage.text("real/a") == "layer")
            #expect(try await storage.names() == ["deep/", "real/"])
        }
    }

    @Test("stops a copy between two pieces when its task is cancelled, and removes the partial copy")
    func cancellation() async throws {
        try await withScratchDirectory { directory in
            let pieces = Counter()
            let (cancelled, continuation) = AsyncStream.makeStream(of: Void.self)
            let recorder = CallRecorder { _, call, _ in
                if call == .copyRange, pieces.next() == 0 { continuation.yield() }
                return call == .clone ? EOPNOTSUPP : nil
            }
            let storage = try await recorder.open(directory.path)
            let writer = try await storage.append(to: .root.appending("a"), isTemporary: false)
            try await writer.append(ByteBuffer(string: "x"))
            // A sparse file: nothing of it is written.
            #expect(Glibc.truncate(directory.path("a"), off_t(FileCopy.pieceByteCount) * 500) == 0)
            let copy = Task { try await storage.link("a", to: "new/b", allowing: .copy) }
            for await _ in cancelled.prefix(1) { copy.cancel() }
            let key = ObjectKey.root.appending("new/b")
            await #expect(throws: StorageError.unwritable(key, reason: "cancelled")) { try await copy.value }
            #expect(pieces.next() < 500)
            #expect(try directory.names() == ["a"])
        }
    }

    @Test("ends a copy at the end of a file truncated meanwhile, and at the original end of one that grows")
    func changingSource() async throws {
        let piece = FileCopy.pieceByteCount
        for byteCount in [piece / 2, 4 * piece] {
            try await withScratchDirectory { directory in
                let path = directory.path("a")
                let recorder = CallRecorder { _, call, _ in
                    if call == .clone {
                        #expect(Glibc.truncate(path, off_t(byteCount)) == 0)
                        return EOPNOTSUPP
                    }
                    return nil
                }
                let storage = try await recorder.open(directory.path)
                try await storage.write(ByteBuffer(repeating: 7, count: 2 * piece), to: .root.appending("a"))
                #expect(try await storage.link("a", to: "b", allowing: .copy) == .copy(because: .requested))
                let copied = try #require(try await storage.attributes(of: .root.appending("b")))
                #expect(copied.byteCount == Int64(min(byteCount, 2 * piece)))
            }
        }
    }
}
