import ArgumentParser
import RegistryCore

/// `longshore repository`: lists, shows and deletes repositories.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repository",
        abstract: "List, show and delete repositories.",
        discussion: """
            While a server runs, it does the work; otherwise the command does it itself. Names are those of v2: v1's \
            library/centos is centos.
            """,
        subcommands: [RepositoryListCommand.self, RepositoryShowCommand.self, RepositoryDeleteCommand.self]
    )
}

/// `longshore repository list`
struct RepositoryListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the names of repositories.")

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @OptionGroup var directory: DirectoryOptions

    func run() async throws {
        try await directory.perform { RepositoryListTask(isJSON: json) }
    }
}

/// `longshore repository show NAME`
struct RepositoryShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the tags and manifests of a repository.",
        discussion: "Sizes are those that manifests state. Nothing is converted."
    )

    @Argument(help: "The repository.")
    var name: String

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @OptionGroup var directory: DirectoryOptions

    func run() async throws {
        try await directory.perform { RepositoryShowTask(name: name, isJSON: json) }
    }
}

/// `longshore repository delete NAME …`
struct RepositoryDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete repositories, in both protocols.",
        discussion: """
            Deletes the tags, manifests, blobs, unfinished uploads and v1 metadata of each repository, without asking. \
            The bytes stay until garbage is collected, and v1 images stay: other repositories may have them.
            """
    )

    @Argument(help: ArgumentHelp("The repositories, by their exact names.", valueName: "name"))
    var names: [String]

    @OptionGroup var directory: DirectoryOptions

    func run() async throws {
        try await directory.perform { RepositoryDeleteTask(names: names) }
    }
}

/// A list of all repositories that a command asked for.
struct RepositoryListTask: OperatorTask {
    static let name = "repository list"

    let isJSON: Bool

    var writes: Bool { false }

    private struct Listed: Encodable {
        let name: String
        let v1Name: String?
    }

    func run(in context: OperatorContext) async throws -> Int32 {
        for repository in try await context.registry.catalogue.everyRepository() {
            let listed = Listed(name: repository.description, v1Name: repository.v1?.description)
            try await context.output.list(isJSON ? JSONLine.text(listed) : listed.name)
        }
        return 0
    }
}

/// A description of a repository that a command asked for.
struct RepositoryShowTask: OperatorTask {
    static let name = "repository show"

    /// The repository's name.
    let repository: String
    let isJSON: Bool

    init(name: String, isJSON: Bool) {
        repository = name
        self.isJSON = isJSON
    }

    var writes: Bool { false }

    func run(in context: OperatorContext) async throws -> Int32 {
        let table = RowCollector()
        do {
            try await context.registry.describe(OperatedRepository.parse(repository)) { image in
                if isJSON {
                    try await context.output.list(JSONLine.text(ListedImage(image)))
                } else {
                    await table.add(image.row)
                }
            }
        } catch RegistryError.repositoryUnknown {
            throw ControlFailure(description: OperatedRepository.absence(of: repository))
        }
        if !isJSON { for line in await table.lines { try await context.output.list(line) } }
        return 0
    }

    /// Collects the rows of the table.
    private actor RowCollector {
        private var table = TextTable(["TAG", "DIGEST", "TYPE", "SIZE", "CREATED", "V1 IMAGE", ""])

        var lines: [String] { table.lines }

        func add(_ row: [String]) { table.add(row) }
    }
}

/// A deletion of repositories that a command asked for.
struct RepositoryDeleteTask: OperatorTask {
    static let name = "repository delete"

    let names: [String]

    var writes: Bool { true }

    func run(in context: OperatorContext) async throws -> Int32 {
        var status: Int32 = 0
        for name in names {
            do {
                let repository = try OperatedRepository.parse(name)
                let removed = try await context.registry.deleteRepository(repository)
                context.output.say("deleted \(name): \(Self.text(of: removed))")
                guard let other = repository.v2?.otherSpelling else { continue }
                if try await context.registry.catalogue.contains(other) {
                    context.output.note("longshore: pulls of \(name) now get \(other), which is another repository")
                }
            } catch RegistryError.repositoryUnknown {
                context.output.note("longshore: \(OperatedRepository.absence(of: name))")
                status = 1
            } catch RegistryError.malformedName(let text) {
                context.output.note("longshore: \(RegistryError.malformedName(text).sentence)")
                status = 1
            }
        }
        return status
    }

    /// What was removed: `2 tags (1, latest), 1 manifest, 2 blobs`.
    static func text(of removed: RemovedRepository) -> String {
        let tags = removed.tags.prefix(10).joined(separator: ", ") + (removed.tags.count > 10 ? ", …" : "")
        let counts = [
            (removed.tags.count, "tag"), (removed.manifests.count, "manifest"), (removed.blobCount, "blob"),
            (removed.uploadCount, "unfinished upload"),
        ]
        return counts.map { count, noun in
            let text = "\(count) \(noun)\(count == 1 ? "" : "s")"
            return noun == "tag" && count > 0 ? "\(text) (\(tags))" : text
        }.joined(separator: ", ")
    }
}
