import ArgumentParser
import ImageModel
import RegistryCore
import Settings

/// The registry that a command works on.
struct DirectoryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The directory of the images, as for 'serve'.", valueName: "directory"))
    var root: String?

    @Option(help: ArgumentHelp("A configuration file, as for 'serve'.", valueName: "file"))
    var config: String?

    /// Performs a task there; if that fails, prints a sentence and exits with status 1.
    func perform<Task: OperatorTask>(_ makeTask: () throws -> Task) async throws {
        try await OperatorError.explaining {
            let task = try makeTask()
            let options = root.map { [RegistryConfiguration.Option("--root", "storage.filesystem.rootdirectory", $0)] }
            let configuration = try ConfigurationOptions.accepted(ConfigurationOptions.load(config, options ?? []))
            try await OperatorSession.perform(task, configuration.settings)
        }
    }
}

/// A repository as named by an operator.
enum OperatedRepository {
    /// Parses a v2 name, or a v1 name that v2 does not allow.
    ///
    /// - Throws: ``RegistryError/malformedName(_:)`` for an empty name, or one that is too long.
    static func parse(_ text: String) throws(RegistryError) -> EventRepository {
        guard let repository = EventRepository(named: text) else { throw .malformedName(text) }
        return repository
    }

    /// Why there is no such repository.
    static func absence(of text: String) -> String {
        let prefix = "\(V1RepositoryName.libraryNamespace)/"
        guard text.hasPrefix(prefix), !text.dropFirst(prefix.count).contains("/") else {
            return "there is no repository \(text)"
        }
        return "there is no repository \(text); v1's \(text) is called \(text.dropFirst(prefix.count)) here"
    }
}

/// A tag as named by an operator: `REPOSITORY:TAG`.
struct OperatedTag: Codable, Equatable {
    let repository: String
    let tag: String

    /// Parses untrusted text; the last colon separates the two.
    ///
    /// - Throws: ``ControlFailure`` if there is no tag: a script's variable may be empty.
    init(parsing text: String) throws {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex, text.index(after: colon) != text.endIndex
        else { throw ControlFailure(description: "'\(text)' names no tag: write REPOSITORY:TAG") }
        repository = String(text[..<colon])
        tag = String(text[text.index(after: colon)...])
    }

    var description: String { "\(repository):\(tag)" }
}
