import Glibc
import NIOPosix
import Testing

@testable import Storage

@Suite("An interrupted file system storage")
struct FileSystemCrashTests {
    @Test("shows the old object or the new one, whichever call was the last", arguments: StorageOperation.allCases)
    func crash(operation: StorageOperation) async throws {
        for last in 0... {
            // As if the process were killed: from this call on nothing happens, including cleanup.
            let recorder = operation.recorder { $0 >= last ? EIO : nil }
            let isComplete = try await withScratchDirectory { directory in
                try await operation.prepare(try await open(directory))
                let isComplete = await succeeds(operation, on: try await recorder.open(directory.path))
                try await verify(operation, in: directory, isComplete: isComplete)
                return isComplete
            }
            if isComplete {
                #expect(last > 0)
                return
            }
            try #require(last < 100)
        }
    }

    @Test("leaves nothing behind when one call fails", arguments: StorageOperation.allCases, [EIO, ENOSPC, EACCES])
    func failure(operation: StorageOperation, code: Int32) async throws {
        for failing in 0... {
            let recorder = operation.recorder { $0 == failing ? code : nil }
            let isBeyond = try await withScratchDirectory { directory in
                try await operation.prepare(try await open(directory))
                let namesBefore = try directory.names()
                let isComplete = await succeeds(operation, on: try await recorder.open(directory.path))
                // Bytes that could not be synced may be lost: their upload starts over.
                let isLost = isLoss(failing, in: recorder.calls)
                if !isLost || !operation.isMove {
                    try await verify(operation, in: directory, isComplete: isComplete, isSwept: operation.leavesStaging)
                }
                let text = try await open(directory).text(StorageOperation.key.description)
                if !isComplete, text == operation.before, operation.before != operation.after {
                    // The source is lost, unless it was a copy that could not be synced.
                    let source = StorageOperation.source.description
                    let names = isLost && operation.isMove ? try directory.names() + [source] : try directory.names()
                    #expect(Set(names) == Set(namesBefore))
                }
                return recorder.calls.count <= failing
            }
            if isBeyond {
                #expect(failing > 0)
                return
            }
            try #require(failing < 100)
        }
    }

    @Test("continues when a signal interrupts a call, or cuts it short", arguments: StorageOperation.allCases)
    func interruption(operation: StorageOperation) async throws {
        for interrupted in 0... {
            let recorder = operation.recorder { $0 == interrupted ? EINTR : nil }
            let isBeyond = try await withScratchDirectory { directory in
                try await operation.prepare(try await open(directory))
                try await operation.run(on: try await recorder.open(directory.path, transferLimit: 2))
                try await verify(operation, in: directory, isComplete: true, isSwept: false)
                return recorder.calls.count <= interrupted
            }
            if isBeyond {
                #expect(interrupted > 0)
                return
            }
            try #require(interrupted < 100)
        }
    }

    @Test(
        "reports a full disk with the key",
        arguments: [SystemCall.open, .makeDirectory, .write, .syncFile, .rename]
    )
    func full(call: SystemCall) async throws {
        for code in [ENOSPC, EDQUOT] {
            try await withScratchDirectory { directory in
                let recorder = CallRecorder { _, made, path in made == call && path != directory.path ? code : nil }
                let storage = try await recorder.open(directory.path, sharingSyncsUnder: .zero)
                let error = await #expect(throws: StorageError.self) { try await storage.write("x", to: "a/b") }
                guard case .full(ObjectKey.root.appending("a/b"), _) = error else {
                    Issue.record("\(String(describing: error)) is not lack of space")
                    return
                }
                #expect(try directory.names().isEmpty)
            }
        }
    }

    /// Whether the failed call was to make bytes durable before they have a name.
    private func isLoss(_ failing: Int, in calls: [CallRecorder.Call]) -> Bool {
        guard calls.indices.contains(failing) else { return false }
        switch calls[failing].call {
        case .syncFile: return true
        case .syncFileSystem: return !calls[..<failing].contains { $0.call == .rename }
        default: return false
        }
    }

    private func open(_ directory: ScratchDirectory) async throws -> FileSystemStorage {
        try await FileSystemStorage.open(root: directory.path, access: .readWrite, threadPool: .singleton)
    }

    private func succeeds(_ operation: StorageOperation, on storage: FileSystemStorage) async -> Bool {
        do {
            try await operation.run(on: storage)
            return true
        } catch {
            return false
        }
    }

    private func verify(
        _ operation: StorageOperation,
        in directory: ScratchDirectory,
        isComplete: Bool,
        isSwept: Bool = true
    ) async throws {
        let storage = try await open(directory)
        let text = try await storage.text(StorageOperation.key.description)
        #expect(isComplete ? text == operation.after : text == operation.before || text == operation.after)
        let source = try await storage.text(StorageOperation.source.description)
        if operation.isMove {
            #expect(source == "new" || text == "new")
            if isComplete { #expect(source == nil) }
        } else {
            #expect(source == "new")
        }
        for prefix in ["", "from", "to", "to/new"] {
            #expect(try await storage.names(prefix).allSatisfy { !$0.hasPrefix(StagingName.prefix) })
        }
        if isSwept { try await storage.removeStaleStagingFiles(olderThan: .zero) }
        #expect(try directory.names().allSatisfy { !$0.contains(StagingName.prefix) })
    }
}
