import ArgumentParser
import Glibc
import Logging
import NIOPosix
import Operations
import RegistryCore
import Settings
import Storage

/// Performs tasks for a command: in the server that has locked the directory, or in this process.
enum OperatorSession {
    /// Performs `task` on the directory of `settings`.
    ///
    /// - Parameter output: Takes what the task prints.
    /// - Throws: `ExitCode` if the task's exit status is not 0, otherwise what prevented it.
    static func perform(
        _ task: some OperatorTask,
        _ settings: RegistrySettings,
        output: OperatorOutput = .console
    ) async throws {
        let status = try await status(of: task, settings, output)
        if status != 0 { throw ExitCode(status) }
    }

    private static func status(
        of task: some OperatorTask,
        _ settings: RegistrySettings,
        _ output: OperatorOutput
    ) async throws -> Int32 {
        if let status = try await ControlClient.perform(task, root: settings.storage.root, output) { return status }
        // Opening it read-only first does not create a missing directory.
        let access = try await FileSystemStorage.open(
            root: settings.storage.root,
            access: .readOnly,
            threadPool: .singleton
        )
        let storage =
            task.writes
            ? try await FileSystemStorage.open(root: access.root, access: .readWrite, threadPool: .singleton) : access
        try await LayoutFormat.check(storage)
        guard task.writes else { return try await run(task, on: storage, settings, output) }
        let lock = try await DirectoryLock.acquire(
            in: storage,
            holder: ProcessDescription.line("longshore \(type(of: task).name)")
        )
        let status = try await run(task, on: storage, settings, output)
        try await lock.release()
        return status
    }

    private static func run(
        _ task: some OperatorTask,
        on storage: FileSystemStorage,
        _ settings: RegistrySettings,
        _ output: OperatorOutput
    ) async throws -> Int32 {
        let logger = LogOutput(settings).logger()
        let registry = Registry(
            storage: storage,
            isReadOnly: storage.isReadOnly,
            configuration: try settings.registry(isBackgroundSafe: false),
            logger: logger
        )
        let context = OperatorContext(
            registry: registry,
            storage: storage,
            settings: settings,
            logger: logger,
            output: output,
            isInServer: false
        )
        return try await perform(task, for: geteuid(), in: context)
    }

    /// Performs `task` here, with the user as the author of its changes.
    static func perform(_ task: some OperatorTask, for user: uid_t, in context: OperatorContext) async throws -> Int32 {
        // The name may come from another machine, such as an LDAP server.
        let userName = try await NIOThreadPool.singleton.runIfActive { name(of: user) }
        let actor = EventActor(user: userName, interface: .command, request: nil)
        return try await EventActor.$current.withValue(actor) { try await task.run(in: context) }
    }

    /// The name of a user of this machine; `uid 1000` for one without a name.
    private static func name(of user: uid_t) -> String {
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return "uid \(user)" }
        return String(cString: entry.pw_name)
    }
}
