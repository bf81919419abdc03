import Glibc
import NIOPosix
import Testing

@testable import Storage

@Suite("The probe of a file system")
struct FileSystemProbeTests {
    @Test("finds nothing missing on a file system with links, and leaves nothing behind")
    func complete() async throws {
        try await withScratchDirectory { directory in
            let storage = try await CallRecorder().open(directory.path)
            for tree in ["images", "docker"] { #expect(mkdir(directory.path(tree), 0o777) == 0) }
            let traits = try await FileSystemProbe(storage).probe()
            #expect(traits.hasHardLinks)
            #expect(traits.renamesAcrossTrees)
            #expect(traits.syncsDirectories)
            #expect(traits.missing.isEmpty)
            #expect(traits.bytes.total >= traits.bytes.free)
            #expect(traits.bytes.free > 0)
            #expect(try directory.names() == ["docker/", "images/", "longshore/"])
        }
    }

    @Test("reports each pair of trees between which no link or rename is possible")
    func pairs() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, path in
                let isDocker = path?.hasPrefix(directory.path("docker/")) == true
                return (call == .link || call == .rename) && isDocker ? EXDEV : nil
            }
            let storage = try await recorder.open(directory.path)
            for tree in ["images", "docker"] { #expect(mkdir(directory.path(tree), 0o777) == 0) }
            let traits = try await FileSystemProbe(storage).probe()
            #expect(!traits.hasHardLinks)
            #expect(!traits.renamesAcrossTrees)
            #expect(traits.missing.count == 4)
            #expect(
                traits.missing[0].hasPrefix("no hard links between longshore and docker (Invalid cross-device link)")
            )
            #expect(traits.missing[1].hasPrefix("no hard links between images and docker (Invalid cross-device link)"))
            #expect(traits.missing[2].hasPrefix("no renames between longshore and docker"))
            #expect(try directory.names() == ["docker/", "images/", "longshore/"])
        }
    }

    @Test("reports that directories cannot be synced")
    func directorySync() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, _ in call == .syncDirectory ? EINVAL : nil }
            let storage = try await recorder.open(directory.path)
            let traits = try await FileSystemProbe(storage).probe()
            #expect(!traits.syncsDirectories)
            #expect(traits.missing == ["directories cannot be synced: a power loss may undo acknowledged writes"])
            try await storage.write("x", to: "a/b")
            #expect(try await storage.text("a/b") == "x")
        }
    }

    @Test("refuses a case-insensitive file system")
    func cases() async throws {
        try await withScratchDirectory { directory in
            let recorder = CallRecorder { _, call, path in
                // On such a file system the file also exists under the other name.
                if call == .status, let path, path.contains(StagingName.prefix.uppercased()) {
                    close(creat(path, 0o666))
                }
                return nil
            }
            let storage = try await recorder.open(directory.path)
            let error = await #expect(throws: StorageError.self) { try await FileSystemProbe(storage).probe() }
            #expect(error?.description.hasPrefix("\(directory.path): the file system is case-insensitive") == true)
        }
    }

    @Test("asks a read-only root only for its capacity")
    func readOnly() async throws {
        try await withScratchDirectory { directory in
            let storage = try await FileSystemStorage.open(
                root: directory.path,
                access: .readOnly,
                threadPool: .singleton
            )
            let traits = try await FileSystemProbe(storage).probe()
            #expect(!traits.hasHardLinks)
            #expect(traits.missing == ["the root is read-only: converted images are kept in memory"])
            #expect(traits.bytes.total > 0)
            #expect(try directory.names().isEmpty)
        }
    }
}
