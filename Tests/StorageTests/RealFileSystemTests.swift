import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Storage

@Suite("Links and limits of this machine's file systems", .serialized)
struct RealFileSystemTests {
    /// The number of links that a file may have on ext4.
    private static let linkLimit = 65_000
    private static let memory = "/dev/shm"

    @Test(
        "copies, moves and links between two file systems",
        .enabled(if: Self.isOtherFileSystem, "/dev/shm is no other file system than that of temporary files")
    )
    func twoFileSystems() async throws {
        try await withScratchDirectory { disk in
            let memory = try ScratchDirectory(in: Self.memory)
            #expect(symlink(memory.path, disk.path("images")) == 0)
            let storage = try await open(disk.path)
            try await storage.write("layer", to: "images/1/layer")
            #expect(try memory.names() == ["1/", "1/layer"])
            let outcome = try await storage.link("images/1/layer", to: "docker/data")
            #expect(outcome == .copy(because: .differentFileSystems))
            #expect(try await storage.text("docker/data") == "layer")
            try await storage.move(.root.appending("docker/data"), to: .root.appending("images/2/layer"))
            #expect(try await storage.text("images/2/layer") == "layer")
            #expect(try await storage.names("docker").isEmpty)
            let traits = try await FileSystemProbe(storage).probe()
            #expect(!traits.hasHardLinks)
            #expect(!traits.renamesAcrossTrees)
            #expect(traits.missing.count == 4)
            try memory.remove()
        }
    }

    @Test(
        "makes more links to one layer than the file system allows",
        .enabled(if: Self.hasLinkLimit, "the file system of temporary files does not stop at 65,000 names")
    )
    func tooManyNames() async throws {
        try await withScratchDirectory { directory in
            let storage = try await open(directory.path)
            try await storage.write("empty layer", to: "data")
            let first = try directory.inode("data")
            #expect(mkdir(directory.path("images"), 0o777) == 0)
            for index in 1..<Self.linkLimit {
                try #require(Glibc.link(directory.path("data"), directory.path("images/\(index)")) == 0)
            }
            #expect(try await storage.link("data", to: "next") == .freshCopyLinked)
            #expect(try await storage.link("data", to: "next") == .alreadyThere)
            #expect(try await storage.link("data", to: "another") == .hardLink)
            #expect(try directory.inode("data") == directory.inode("another"))
            #expect(try directory.inode("images/1") == first)
            #expect(try await storage.text("images/64999") == "empty layer")
        }
    }

    @Test(
        "copies another user's file where the kernel protects hard links",
        .enabled(if: Self.protectsHardLinks, "needs root, and fs.protected_hardlinks = 1")
    )
    func otherUser() async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        try await withScratchDirectory { directory in
            #expect(chmod(directory.path, 0o777) == 0)
            try await open(directory.path).write("layer", to: "a")
            #expect(chmod(directory.path("a"), 0o644) == 0)
            // From here on, the only thread of this pool acts as another user on files.
            let setUser = try #require(dlsym(dlopen(nil, RTLD_NOW), "setfsuid"))
            let address = UInt(bitPattern: setUser)
            try await pool.runIfActive {
                let setUser = UnsafeRawPointer(bitPattern: address)
                _ = unsafeBitCast(setUser, to: (@convention(c) (UInt32) -> Int32).self)(65_534)
            }
            let storage = try await FileSystemStorage.open(root: directory.path, access: .readWrite, threadPool: pool)
            let outcome = try await storage.link("a", to: "b")
            #expect(outcome == .copy(because: .notPermitted) || outcome == .reflink(because: .notPermitted))
            #expect(try await storage.text("b") == "layer")
        }
        try await pool.shutdownGracefully()
    }

    @Test(
        "leaves everything unchanged on a full disk",
        .enabled(if: Self.mountsFileSystems, "needs the right to mount")
    )
    func fullDisk() async throws {
        try await withScratchDirectory { directory in
            let disk = directory.path("disk")
            #expect(mkdir(disk, 0o777) == 0)
            try #require(mount("tmpfs", disk, "tmpfs", 0, "size=256k") == 0)
            do {
                try await fill(try await open(disk))
            } catch { Issue.record(error) }
            #expect(umount2(disk, Int32(MNT_DETACH)) == 0)
        }
    }

    private func fill(_ storage: FileSystemStorage) async throws {
        let large = ByteBuffer(repeating: 1, count: 1 << 20)
        try await storage.write("small", to: "a")
        let full = "No space left on device"
        await #expect(throws: StorageError.full(.root.appending("new/b"), reason: full)) {
            try await storage.write(large, to: .root.appending("new/b"))
        }
        await #expect(throws: StorageError.full(.root.appending("a"), reason: full)) {
            try await storage.write(large, to: .root.appending("a"))
        }
        let writer = try await storage.append(to: .root.appending("upload"), isTemporary: false)
        try await writer.append(ByteBuffer(string: "begun"))
        await #expect(throws: StorageError.full(.root.appending("upload"), reason: full)) {
            try await writer.append(large)
        }
        #expect(await writer.byteCount == 5)
        #expect(try await storage.text("upload") == "begun")
        try await writer.append(ByteBuffer(string: ", resumed"))
        #expect(try await storage.text("upload") == "begun, resumed")
        #expect(try await storage.text("a") == "small")
        #expect(try await storage.names() == ["a", "upload"])
    }

    private func open(_ root: String) async throws -> FileSystemStorage {
        try await FileSystemStorage.open(root: root, access: .readWrite, threadPool: .singleton)
    }

    private static var isOtherFileSystem: Bool {
        let calls = SystemCalls()
        do {
            let memory = try ScratchDirectory(in: memory)
            let disk = try ScratchDirectory()
            let identities = try [memory, disk].map { try calls.status(of: $0.path)?.identity.device }
            try memory.remove()
            try disk.remove()
            return identities[0] != identities[1]
        } catch {
            return false
        }
    }

    private static var hasLinkLimit: Bool {
        do {
            let directory = try ScratchDirectory()
            let limit = pathconf(directory.path, Int32(_PC_LINK_MAX))
            try directory.remove()
            return limit == linkLimit
        } catch {
            return false
        }
    }

    private static var protectsHardLinks: Bool {
        let calls = SystemCalls()
        do {
            let setting = try calls.open("/proc/sys/fs/protected_hardlinks", O_RDONLY).read(at: 0, byteCount: 1)
            return geteuid() == 0 && String(buffer: setting) == "1"
        } catch {
            return false
        }
    }

    private static var mountsFileSystems: Bool {
        do {
            let directory = try ScratchDirectory()
            let isMounted = mount("tmpfs", directory.path, "tmpfs", 0, "size=64k") == 0
            if isMounted, umount2(directory.path, Int32(MNT_DETACH)) != 0 { return false }
            try directory.remove()
            return isMounted
        } catch {
            return false
        }
    }
}
