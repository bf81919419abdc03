import Foundation
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Storage

@Suite("Files below a root directory")
struct FileSystemStorageTests {
    @Test("creates a missing root, and the directories above it")
    func makesRoot() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path("a/b/c/"))
            #expect(storage.root == directory.path("a/b/c"))
            try await storage.write("x", to: "y")
            #expect(try directory.names() == ["a/", "a/b/", "a/b/c/", "a/b/c/y"])
        }
    }

    @Test(
        "refuses a root that is missing in read-only mode, or a file",
        arguments: [FileSystemStorage.Access.readOnly, .readWrite]
    )
    func refusesRoot(access: FileSystemStorage.Access) async throws {
        try await withScratchDirectory { directory in
            try directory.makeFile("file")
            let file = StorageError.unusableRoot(path: directory.path("file"), reason: "Not a directory")
            await #expect(throws: file) { try await open(directory.path("file"), access) }
            let missing = StorageError.unusableRoot(path: directory.path("no"), reason: "No such file or directory")
            if access == .readOnly { await #expect(throws: missing) { try await open(directory.path("no"), access) } }
        }
    }

    @Test("writes nothing in read-only mode", arguments: StorageOperation.allCases)
    func readOnly(operation: StorageOperation) async throws {
        try await withScratchDirectory { directory in
            try await operation.prepare(try await open(directory.path))
            let before = try directory.names()
            let storage = try await open(directory.path, .readOnly)
            #expect(storage.isReadOnly)
            let key = [.removeAll, .discard].contains(operation) ? StorageOperation.key.parent : StorageOperation.key
            let refused = operation == .promoteBytes ? .root.appending("staged/data") : key
            await #expect(throws: StorageError.readOnly(refused)) { try await operation.run(on: storage) }
            await #expect(throws: StorageError.readOnly(key)) { try await storage.append(to: key, isTemporary: true) }
            await #expect(throws: StorageError.readOnly(key)) {
                try await storage.stage(.temporary(key, isPromoted: true))
            }
            #expect(try await storage.text("from/object") == "new")
            #expect(try directory.names() == before)
        }
    }

    @Test("follows symbolic links to directories and files")
    func followsLinks() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path("root"))
            #expect(mkdir(directory.path("disk"), 0o777) == 0)
            #expect(symlink("../disk", directory.path("root/images")) == 0)
            try await storage.write("x", to: "images/a/json")
            #expect(symlink("a/json", directory.path("disk/alias")) == 0)
            #expect(try directory.names().contains("disk/a/json"))
            #expect(try await storage.text("images/alias") == "x")
            #expect(try await storage.names() == ["images/"])
            #expect(try await storage.names("images") == ["a/", "alias"])
        }
    }

    @Test("creates nothing through a dangling symbolic link")
    func danglingLinks() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path("root"))
            for name in ["file", "tree"] { #expect(symlink("../outside-\(name)", directory.path("root/\(name)")) == 0) }
            #expect(try await storage.attributes(of: .root.appending("file"))?.kind == .other)
            #expect(try await storage.text("file") == nil)
            await #expect(throws: StorageError.unwritable(.root.appending("file"), reason: "File exists")) {
                try await storage.append(to: .root.appending("file"), isTemporary: false)
            }
            await #expect(throws: StorageError.unwritable(.root.appending("tree/a/b"), reason: "File exists")) {
                try await storage.write("x", to: "tree/a/b")
            }
            try await storage.write("x", to: "file")
            #expect(try await storage.text("file") == "x")
            #expect(try directory.names().allSatisfy { !$0.hasPrefix("outside") })
        }
    }

    @Test("creates a directory that a failing writer removes while another one uses it")
    func vanishedDirectory() async throws {
        try await withScratchDirectory { directory in
            let attempts = Counter()
            let calls = SystemCalls(fault: { call, path in
                guard call == .makeDirectory, path?.hasSuffix("/a") == true else { return nil }
                // It was there for this call, and is gone for the next.
                return attempts.next() <= 2 ? EEXIST : nil
            })
            let storage = try await FileSystemStorage.open(
                root: directory.path("root"),
                access: .readWrite,
                threadPool: .singleton,
                calls: calls
            )
            try await storage.write("x", to: "a/b/c")
            #expect(try await storage.text("a/b/c") == "x")
        }
    }

    @Test("removes symbolic links, never their targets")
    func removesLinks() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path("root"))
            try await storage.write("x", to: "kept/a")
            try await storage.write("x", to: "tree/b")
            for name in ["tree/link", "link"] {
                #expect(symlink(directory.path("root/kept"), directory.path("root/\(name)")) == 0)
            }
            try await storage.removeAll(below: .root.appending("tree"))
            try await storage.removeAll(below: .root.appending("link"))
            #expect(try await storage.names() == ["kept/"])
            #expect(try await storage.text("kept/a") == "x")
        }
    }

    @Test("does not wait for a named pipe, and does not treat it as an object")
    func namedPipe() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path)
            #expect(mkfifo(directory.path("pipe"), 0o666) == 0)
            let key = ObjectKey.root.appending("pipe")
            #expect(try await storage.attributes(of: key)?.kind == .other)
            await #expect(throws: StorageError.unreadable(key, reason: "Invalid argument")) {
                try await storage.read(key, limit: 10)
            }
        }
    }

    @Test("leaves names that are not UTF-8 out of listings")
    func foreignNames() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path)
            try await storage.write("x", to: "fine")
            let name = Array(directory.path("").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
            #expect(creat(name, 0o666) >= 0)
            #expect(try await storage.names() == ["fine"])
        }
    }

    @Test("neither lists nor accepts the name of a staging file")
    func stagingNames() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path)
            let name = StagingName.unique()
            try directory.makeFile(name)
            #expect(try await storage.names().isEmpty)
            let key = ObjectKey.root.appending(name)
            await #expect(throws: StorageError.unwritable(key, reason: "the name is reserved")) {
                try await storage.write("x", to: name)
            }
        }
    }

    @Test("sweeps staging files and trees that are a day old, and no younger ones")
    func sweeps() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path)
            try await storage.write("x", to: "images/a/json")
            try await storage.write("x", to: "images/.longshore-stag")
            let dayAgo = Date().addingTimeInterval(-24 * 60 * 60 - 1)
            for name in ["images/a/\(StagingName.prefix)1", "\(StagingName.prefix)2", "images/\(StagingName.prefix)3"] {
                try directory.makeFile(name)
            }
            let tree = directory.path("images/\(StagingName.prefix)tree/a/b")
            try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
            for name in [
                "images/a/\(StagingName.prefix)1", "\(StagingName.prefix)2", "images/\(StagingName.prefix)tree",
            ] {
                try FileManager.default.setAttributes([.modificationDate: dayAgo], ofItemAtPath: directory.path(name))
            }
            try FileManager.default.setAttributes(
                [.modificationDate: dayAgo],
                ofItemAtPath: directory.path("images/a/json")
            )
            #expect(symlink("..", directory.path("images/loop")) == 0)
            #expect(try await storage.removeStaleStagingFiles() == 3)
            #expect(
                try directory.names().filter { !$0.contains("loop") } == [
                    "images/", "images/.longshore-stag", "images/\(StagingName.prefix)3", "images/a/", "images/a/json",
                ]
            )
        }
    }

    @Test("sends a file from its descriptor, and closes what it opened")
    func descriptors() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path)
            try await storage.write("0123456789", to: "a")
            var reader = try await storage.open(.root.appending("a"))
            let descriptor = try #require(reader?.fileDescriptor)
            #expect(name(ofDescriptor: "\(descriptor)") == directory.path("a"))
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "a child process would inherit it")
            reader = nil
            #expect(name(ofDescriptor: "\(descriptor)") != directory.path("a"))
            for index in 0..<200 {
                try await storage.write("x", to: "b/\(index)")
                _ = try await storage.link("a", to: "c/\(index)")
                _ = try await storage.link("a", to: "d/\(index)", allowing: .copy)
                _ = try await storage.open(.root.appending("a"))
                let writer = try await storage.append(to: .root.appending("e/\(index)"), isTemporary: false)
                try await writer.append(ByteBuffer(string: "x"))
                _ = try await storage.names("b")
            }
            try await storage.removeAll(below: .root.appending("c"))
            #expect(try openFiles(below: directory.path).isEmpty)
        }
    }

    @Test("closes a writer's file on request")
    func closes() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path)
            let writer = try await storage.append(to: .root.appending("a"), isTemporary: false)
            #expect(try openFiles(below: directory.path) == [directory.path("a")])
            try await writer.close()
            #expect(try openFiles(below: directory.path).isEmpty)
        }
    }

    @Test("returns an error when its threads are gone")
    func deadPool() async throws {
        try await withScratchDirectory { directory in
            let pool = NIOThreadPool(numberOfThreads: 1)
            pool.start()
            let storage = try await FileSystemStorage.open(root: directory.path, access: .readWrite, threadPool: pool)
            try await pool.shutdownGracefully()
            await #expect(throws: StorageError.self) { try await storage.text("a") }
        }
    }

    @Test("repeats a call interrupted by a signal")
    func interrupted() throws {
        let calls = SystemCalls()
        let attempts = Counter()
        let answer = try calls.make(.read) { () -> Int in
            errno = EINTR
            return attempts.next() < 3 ? -1 : 7
        }
        #expect(answer == 7)
    }

    private func open(
        _ root: String,
        _ access: FileSystemStorage.Access = .readWrite
    ) async throws -> FileSystemStorage {
        try await FileSystemStorage.open(root: root, access: access, threadPool: .singleton)
    }

    private func name(ofDescriptor descriptor: String) -> String? {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        } catch {
            return nil
        }
    }

    private func openFiles(below path: String) throws -> [String] {
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return descriptors.compactMap(name(ofDescriptor:)).filter { $0.hasPrefix(path + "/") }
    }
}
