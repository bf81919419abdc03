import ArgumentParser
import ImageModel
import RegistryCore

/// `longshore tag`: lists, sets and deletes tags.
struct TagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "List, set and delete tags.",
        discussion: "While a server runs, it does the work; otherwise the command does it itself.",
        subcommands: [TagListCommand.self, TagSetCommand.self, TagDeleteCommand.self]
    )
}

/// `longshore tag list REPOSITORY`
struct TagListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tags of a repository, with the manifest or v1 image of each."
    )

    @Argument(help: "The repository.")
    var repository: String

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @OptionGroup var directory: DirectoryOptions

    func run() async throws {
        try await directory.perform { TagListTask(repository: repository, isJSON: json) }
    }
}

/// `longshore tag set REPOSITORY:TAG TARGET`
struct TagSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set a tag to a manifest of the repository, in both protocols."
    )

    @Argument(help: ArgumentHelp("The tag to set, as REPOSITORY:TAG.", valueName: "tag"))
    var tag: String

    @Argument(help: ArgumentHelp("The digest of a manifest, or another tag of the repository.", valueName: "target"))
    var target: String

    @OptionGroup var directory: DirectoryOptions

    func run() async throws {
        try await directory.perform { TagSetTask(tag: try OperatedTag(parsing: tag), target: target) }
    }
}

/// `longshore tag delete REPOSITORY:TAG …`
struct TagDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete tags, in both protocols.",
        discussion: "The manifests stay in the repository, without the tags."
    )

    @Argument(help: ArgumentHelp("The tags, as REPOSITORY:TAG.", valueName: "tag"))
    var tags: [String]

    @OptionGroup var directory: DirectoryOptions

    func run() async throws {
        try await directory.perform { TagDeleteTask(tags: try tags.map { try OperatedTag(parsing: $0) }) }
    }
}

/// A list of tags that a command asked for.
struct TagListTask: OperatorTask {
    static let name = "tag list"

    let repository: String
    let isJSON: Bool

    var writes: Bool { false }

    func run(in context: OperatorContext) async throws -> Int32 {
        do {
            try await context.registry.describe(OperatedRepository.parse(repository)) { image in
                guard let tag = image.tag else { return }
                let target = image.manifest?.digest.description ?? image.image ?? "-"
                try await context.output.list(isJSON ? JSONLine.text(ListedImage(image)) : "\(tag)  \(target)")
            }
        } catch RegistryError.repositoryUnknown {
            throw ControlFailure(description: OperatedRepository.absence(of: repository))
        }
        return 0
    }
}

/// A tag that a command set.
struct TagSetTask: OperatorTask {
    static let name = "tag set"

    let tag: OperatedTag
    /// A digest or a tag.
    let target: String

    var writes: Bool { true }

    func run(in context: OperatorContext) async throws -> Int32 {
        let repository = try OperatedRepository.parse(tag.repository)
        if let digest = try? Digest(parsing: target) {
            guard let name = repository.v2 else { throw RegistryError.malformedName(tag.repository) }
            guard let parsed = try? Tag(parsing: tag.tag) else { throw RegistryError.malformedTag(tag.tag) }
            do {
                try await context.registry.setTag(parsed, to: digest, in: name)
            } catch RegistryError.manifestUnknown {
                throw ControlFailure(description: "\(name) has no manifest \(digest)")
            }
        } else {
            do {
                try await context.registry.setTag(tag.tag, toTag: target, in: repository)
            } catch RegistryError.tagUnknown {
                throw ControlFailure(description: "\(repository) has no tag \(target)")
            }
        }
        context.output.say("set \(tag.description) to \(target)")
        return 0
    }
}

/// A deletion of tags that a command asked for.
struct TagDeleteTask: OperatorTask {
    static let name = "tag delete"

    let tags: [OperatedTag]

    var writes: Bool { true }

    func run(in context: OperatorContext) async throws -> Int32 {
        var status: Int32 = 0
        for tag in tags {
            let repository = try OperatedRepository.parse(tag.repository)
            if try await context.registry.deleteTag(tag.tag, in: repository) {
                context.output.say("deleted \(tag.description)")
            } else {
                context.output.note("longshore: there is no tag \(tag.description)")
                status = 1
            }
        }
        return status
    }
}
