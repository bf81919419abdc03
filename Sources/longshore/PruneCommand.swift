import ArgumentParser
import ImageModel
import RegistryCore
import Settings

/// `longshore prune`: deletes what the retention rules do not keep.
struct PruneCommand: AsyncParsableCommand {
    static let name = "prune"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Delete the tags and untagged manifests that retention rules do not keep.",
        discussion: """
            The rules are in the configuration, under 'retention'. While a server runs, the server does it, with its own \
            configuration; otherwise this command locks the directory. Immutable tags, unreadable ones, and those of \
            unknown age are always kept. To free the space, run 'longshore garbage-collect' afterwards.
            """
    )

    @Flag(name: [.customShort("d"), .long], help: "Print what would be deleted, and why, without deleting it.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Print only the totals.")
    var quiet = false

    @Option(help: ArgumentHelp("The directory of the images, as for 'serve'.", valueName: "directory"))
    var root: String?

    @Argument(help: ArgumentHelp("A configuration file, as for 'serve'.", valueName: "config"))
    var file: String?

    func run() async throws {
        try await OperatorError.explaining {
            let options = root.map { [RegistryConfiguration.Option("--root", "storage.filesystem.rootdirectory", $0)] }
            let configuration = try ConfigurationOptions.load(file, options ?? [])
            let settings = try ConfigurationOptions.accepted(configuration).settings
            try await OperatorSession.perform(PruneTask(isDryRun: dryRun, isQuiet: quiet), settings)
        }
    }
}

/// An application of the retention rules that a command asked for.
struct PruneTask: OperatorTask {
    static let name = PruneCommand.name

    let isDryRun: Bool
    let isQuiet: Bool

    var writes: Bool { !isDryRun }

    func run(in context: OperatorContext) async throws -> Int32 {
        guard !context.registry.tagRules.content.retention.isEmpty else {
            throw UnusableSetting("the configuration has no retention rules: add them under 'retention'")
        }
        let pruner = context.registry.pruner
        let report = try await pruner.pruneTags(isDryRun: isDryRun) { content in
            if !isQuiet { context.output.say(PruningText.line(content)) }
        }
        var manifestCount = report.manifestCount
        if !isDryRun {
            manifestCount = try await pruner.pruneManifests { free in
                if !isQuiet { context.output.say(PruningText.line(free)) }
            }
        }
        context.output.say(PruningText.totals(report, manifestCount: manifestCount, isDryRun: isDryRun))
        return 0
    }
}

/// The output of retention.
enum PruningText {
    /// The line for a tag or manifest that was judged.
    static func line(_ content: PrunedContent) -> String {
        switch content {
        case .tag(let name, let verdict, let isChanged):
            let verb = verdict.reason.isKept || isChanged ? "keep" : "delete"
            let reason = isChanged ? "it was pushed again meanwhile" : self.reason(verdict)
            return "\(verb) \(name):\(verdict.entry.tag) (\(reason))"
        case .manifest(let name, let manifest):
            return "delete \(name)@\(manifest.digest) (untagged; pushed \(age(since: manifest.pushed)))"
        }
    }

    /// The line for a manifest that was removed.
    static func line(_ free: FreeContent) -> String {
        "delete \(free.repositories.joined(separator: ", "))@\(free.digest) (untagged)"
    }

    /// The last line.
    static func totals(_ report: PruningReport, manifestCount: Int, isDryRun: Bool) -> String {
        let verb = isDryRun ? "would be deleted" : "deleted"
        return "\(report.deletedTagCount) tags and \(manifestCount) untagged manifests \(verb), "
            + "\(report.keptTagCount) tags kept"
    }

    /// What a tag points to.
    static func target(of state: TagState) -> String {
        switch state.target {
        case .absent: "nothing"
        case .manifest(let digest): digest.description
        case .image(let image): "the v1 image \(image)"
        }
    }

    private static func reason(_ verdict: RetentionJudgement.Verdict) -> String {
        let pushed = verdict.entry.state.map { "pushed \(age(since: $0.pushed))" } ?? ""
        return switch verdict.reason {
        case .immutable(let rule): "immutable by the rule \(rule)"
        case .unreadable: "unreadable"
        case .matches(let pattern): "matches \(pattern)"
        case .refers(let digest): "belongs to \(digest)"
        case .unknownAge: "its age is unknown"
        case .last(let count): "\(pushed); one of the last \(count)"
        case .younger(let age): "\(pushed); younger than \(hours(age))"
        case .unkept: "\(pushed); no rule keeps it"
        }
    }

    private static func age(since pushed: Int64) -> String {
        "\(hours(.nanoseconds(max(0, WallClock.age(of: pushed))))) ago"
    }

    /// In hours, and in days from two days on.
    private static func hours(_ duration: Duration) -> String {
        let hours = duration.components.seconds / 3600
        return hours < 48 ? "\(hours) h" : "\(hours / 24) days"
    }
}
