import ArgumentParser
import Operations
import Storage

/// `longshore status`: what a running server is doing.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the server of a directory is doing, and whether it is healthy.",
        discussion:
            "The exit status is 0 if a server is running and healthy, 1 if it is not healthy, and 3 without one."
    )

    @OptionGroup var directory: DirectoryOptions

    func run() async throws { try await directory.perform { StatusTask() } }
}

/// A report on the server that performs it.
struct StatusTask: OperatorTask {
    static let name = "status"

    /// The exit status without a server: that of service managers for a stopped service.
    private static let stoppedStatus: Int32 = 3

    var writes: Bool { false }

    func run(in context: OperatorContext) async throws -> Int32 {
        guard let status = context.status else {
            context.output.say("no server is running for \(context.storage.root)")
            return Self.stoppedStatus
        }
        let rows = await status.rows() + [("directory", context.storage.root)]
        let width = (rows.map(\.name.count).max() ?? 0) + 2
        for (name, value) in rows {
            context.output.say(name + String(repeating: " ", count: width - name.count) + value)
        }
        return status.isHealthy ? 0 : 1
    }
}
