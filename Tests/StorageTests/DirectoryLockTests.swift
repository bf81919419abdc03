import Glibc
import NIOPosix
import Testing

@testable import Storage

@Suite("The lock of a root directory")
struct DirectoryLockTests {
    @Test("is held by one process, and names it to the next")
    func exclusion() async throws {
        try await withScratchDirectory { directory in
            let storage = try await CallRecorder().open(directory.path)
            let holder = "longshore serve, process 123 on host a since 2020-01-01T00:00:00Z"
            let lock = try await DirectoryLock.acquire(in: storage, holder: holder)
            #expect(try await storage.text("longshore/lock") == holder + "\n")
            let path = directory.path("longshore/lock")
            await #expect(throws: StorageError.locked(path: path, holder: holder)) {
                try await DirectoryLock.acquire(in: storage, holder: "longshore migrate")
            }
            #expect(try await storage.text("longshore/lock") == holder + "\n")
            try await lock.release()
            try await lock.release()
            let next = try await DirectoryLock.acquire(in: storage, holder: "longshore migrate")
            #expect(try await storage.text("longshore/lock") == "longshore migrate\n")
            try await next.release()
            #expect(try await storage.text("longshore/lock") == "")
        }
    }

    @Test("is released with the last reference")
    func lastReference() async throws {
        try await withScratchDirectory { directory in
            let storage = try await CallRecorder().open(directory.path)
            var lock: DirectoryLock? = try await DirectoryLock.acquire(in: storage, holder: "the first, a longer line")
            #expect(lock != nil)
            lock = nil
            let next = try await DirectoryLock.acquire(in: storage, holder: "the second")
            #expect(try await storage.text("longshore/lock") == "the second\n")
            try await next.release()
        }
    }

    @Test("is not acquired on a file that was removed meanwhile")
    func removedFile() async throws {
        try await withScratchDirectory { directory in
            let path = directory.path("longshore/lock")
            let locks = Counter()
            let recorder = CallRecorder { _, call, _ in
                if call == .lock, locks.next() == 0 { #expect(unlink(path) == 0) }
                return nil
            }
            let storage = try await recorder.open(directory.path)
            let lock = try await DirectoryLock.acquire(in: storage, holder: "me")
            #expect(try await storage.text("longshore/lock") == "me\n")
            #expect(locks.next() == 2)
            try await lock.release()
        }
    }

    @Test("reports no holder while its line is not written yet")
    func unnamed() async throws {
        try await withScratchDirectory { directory in
            let storage = try await CallRecorder().open(directory.path)
            try await storage.write("", to: "longshore/lock")
            let descriptor = Glibc.open(directory.path("longshore/lock"), O_RDWR)
            #expect(flock(descriptor, LOCK_EX) == 0)
            let path = directory.path("longshore/lock")
            await #expect(throws: StorageError.locked(path: path, holder: "another process")) {
                try await DirectoryLock.acquire(in: storage, holder: "me")
            }
            close(descriptor)
        }
    }

    @Test("cannot be acquired in a read-only root")
    func readOnly() async throws {
        try await withScratchDirectory { directory in
            let storage = try await FileSystemStorage.open(
                root: directory.path,
                access: .readOnly,
                threadPool: .singleton
            )
            await #expect(throws: StorageError.readOnly(DirectoryLock.key)) {
                try await DirectoryLock.acquire(in: storage, holder: "me")
            }
        }
    }
}
