import Foundation
import Logging
import Operations
import RegistryCore
import Settings
import Storage

/// A task for a registry: the running server performs it when one has locked the directory, otherwise the command
/// itself. It is sent to the server as JSON.
protocol OperatorTask: Codable, Sendable {
    /// The name in a request and in the server's log, for example `garbage-collect`.
    static var name: String { get }

    /// Whether it changes the directory. If so, it needs the lock when no server is running.
    var writes: Bool { get }

    /// Performs the task.
    ///
    /// Throws for failures that an operator must fix; they are printed as a sentence.
    /// - Returns: The command's exit status.
    func run(in context: OperatorContext) async throws -> Int32
}

/// All tasks that the server performs for a command.
enum OperatorTasks {
    static let all: [any OperatorTask.Type] = [
        GarbageCollectTask.self, PruneTask.self, RepositoryListTask.self, RepositoryShowTask.self,
        RepositoryDeleteTask.self,
        TagListTask.self, TagSetTask.self, TagDeleteTask.self, DiskUsageTask.self, VerifyTask.self,
        ClientsTask.self, StatusTask.self,
    ]

    /// The task that a command requests.
    ///
    /// - Throws: ``ControlFailure`` if there is no such task, or it has other arguments.
    static func task(_ request: ControlRequest) throws -> any OperatorTask {
        guard let type = all.first(where: { $0.name == request.task }) else {
            throw ControlFailure(
                description: "the running server is of another version: it does not know '\(request.task)'"
            )
        }
        do { return try JSONDecoder().decode(type, from: request.arguments) } catch {
            throw ControlFailure(
                description: "the running server is of another version: it knows '\(request.task)' otherwise"
            )
        }
    }
}

/// Where a task runs.
struct OperatorContext: Sendable {
    let registry: Registry
    /// The directory underneath the registry.
    let storage: FileSystemStorage
    /// The settings of the server if it runs there, otherwise those given to the command.
    let settings: RegistrySettings
    let logger: Logger
    let output: OperatorOutput
    /// Whether a server performs it, beside requests.
    let isInServer: Bool
    /// The status of that server; nil outside one.
    var status: ServerStatus?
}

/// What a task prints.
struct OperatorOutput: Sendable {
    /// Takes one piece of output. It never blocks.
    let write: @Sendable (OperatorLine) -> Void
    /// Returns when little output is left to send. A task that prints without limit waits for it.
    let drain: @Sendable () async throws -> Void

    /// - Parameter drain: Returns when little output is left to send.
    init(_ write: @escaping @Sendable (OperatorLine) -> Void, drain: @escaping @Sendable () async throws -> Void = {}) {
        self.write = write
        self.drain = drain
    }

    /// Prints a line of a result of any length to standard output.
    func list(_ line: String) async throws {
        write(.output(line))
        try await drain()
    }

    /// Prints a line of the result to standard output.
    func say(_ line: String) { write(.output(line)) }

    /// Prints a line to standard error.
    func note(_ line: String) { write(.note(line)) }

    /// The output of this process.
    static let console = OperatorOutput { line in
        switch line {
        case .output(let text): Console.say(text)
        case .note(let text): Console.note(text)
        // Only commands that show them ask for them.
        case .progress, .document: break
        }
    }
}

/// A piece of a task's output.
enum OperatorLine: Codable, Sendable {
    /// A line of standard output.
    case output(String)
    /// A line of standard error.
    case note(String)
    /// A line that replaces the previous one on a terminal.
    case progress(String)
    /// A document for a file of the command's choice.
    case document(String)
}
