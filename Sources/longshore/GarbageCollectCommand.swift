import ArgumentParser
import RegistryCore
import Settings
import Storage

/// `longshore garbage-collect`, with the same command line as in registry:2.
struct GarbageCollectCommand: AsyncParsableCommand {
    static let name = "garbage-collect"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Remove content that nothing needs.",
        discussion: """
            Removes blobs that no manifest and no v1 image needs, and leftovers of uploads, pushes and conversions. \
            While a server runs, the server does it, beside its requests and with its configuration; otherwise this \
            command locks the directory. No other program may write to the directory meanwhile.
            """
    )

    @Flag(
        name: [.customShort("m"), .customLong("delete-untagged")],
        help: "Also remove untagged manifests, unless a tagged index or subject needs them."
    )
    var deletesUntagged = false

    @Flag(name: [.customShort("d"), .long], help: "Print what would be removed, and why, without removing it.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Print only the totals.")
    var quiet = false

    @Flag(name: .customLong("v1"), help: "Also remove v1 images that no v1 tag reaches.")
    var sweepsV1Images = false

    @Option(
        help: ArgumentHelp(
            "How long to keep unneeded content: a push may be about to name it. (default: 24h)",
            valueName: "time"
        )
    )
    var grace: String?

    @Option(help: ArgumentHelp("The directory of the images, as for 'serve'.", valueName: "directory"))
    var root: String?

    @Argument(help: ArgumentHelp("A configuration file, as for 'serve'.", valueName: "config"))
    var file: String?

    func run() async throws {
        try await OperatorError.explaining {
            let options: [RegistryConfiguration.Option?] = [
                root.map { .init("--root", "storage.filesystem.rootdirectory", $0) },
                grace.map { .init("--grace", "storage.maintenance.collection.grace", $0) },
            ]
            let configuration = try ConfigurationOptions.load(file, options.compactMap { $0 })
            let settings = try ConfigurationOptions.accepted(configuration).settings
            let task = GarbageCollectTask(
                isDryRun: dryRun,
                isQuiet: quiet,
                deletesUntagged: deletesUntagged,
                sweepsV1Images: sweepsV1Images,
                grace: grace == nil ? nil : settings.storage.collection.grace
            )
            try await OperatorSession.perform(task, settings)
        }
    }
}

/// A garbage collection that a command asked for.
struct GarbageCollectTask: OperatorTask {
    static let name = GarbageCollectCommand.name

    let isDryRun: Bool
    let isQuiet: Bool
    let deletesUntagged: Bool
    let sweepsV1Images: Bool
    /// The grace given to the command; nil for that of the configuration.
    let grace: Duration?

    var writes: Bool { !isDryRun }

    func run(in context: OperatorContext) async throws -> Int32 {
        let collection = context.settings.storage.collection
        var policy = CollectionPolicy(collection)
        policy.isDryRun = isDryRun
        policy.grace = grace ?? collection.grace
        policy.sweepsV1Images = sweepsV1Images
        if deletesUntagged {
            policy.untaggedAge = policy.grace
        } else {
            policy.retention = context.registry.tagRules.content.retention
        }
        if !context.isInServer { policy.limit = SweepLimit() }
        let report = try await context.registry.collector.run(policy) { free in
            if !isQuiet { context.output.say(CollectionText.line(free)) }
        }
        for line in CollectionText.lines(report, isDryRun: isDryRun, isQuiet: isQuiet) { context.output.say(line) }
        guard !isDryRun, !context.isInServer else { return 0 }
        let files = try await context.storage.removeStaleStagingFiles()
        if files > 0 { context.output.say("removed \(files) files left by interrupted writes") }
        return 0
    }
}

/// The output of a collection.
enum CollectionText {
    /// The line for one blob, in registry:2's wording, with the reason it is free.
    static func line(_ free: FreeContent) -> String {
        let names = free.repositories.prefix(3).joined(separator: ", ") + (free.repositories.count > 3 ? ", …" : "")
        let reason =
            switch free.reason {
            case .unlinked: "no repository has it"
            case .unnamed: "no manifest of \(names) needs it"
            case .untagged: "no tag of \(names) names it"
            }
        return "blob eligible for deletion: \(free.digest) (\(free.byteCount) bytes; \(reason))"
    }

    /// The totals.
    static func lines(_ report: CollectionReport, isDryRun: Bool, isQuiet: Bool) -> [String] {
        var lines = [
            "\(report.liveCount) blobs marked, \(report.blobs.count) blobs and \(report.untaggedManifestCount) manifests "
                + "eligible for deletion"
        ]
        if !isQuiet {
            for (name, tally) in report.repositories.sorted(by: { $0.key < $1.key }) {
                lines.append("\(name): \(tally.count) blobs, \(tally.byteCount) bytes")
            }
        }
        let others = [
            (report.v1Images.count, "v1 images (\(report.v1Images.byteCount) bytes)"),
            (report.layerLinkCount, "layer links"), (report.derivationCount, "derived manifests and blobs"),
            (report.recordCount, "records"), (report.uploadCount, "abandoned uploads"),
            (report.repositoryDirectoryCount, "empty repository directories"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if !others.isEmpty { lines.append("also \(others.joined(separator: ", "))") }
        lines.append(
            "\(report.blobs.byteCount.addingReportingOverflow(report.v1Images.byteCount).partialValue) bytes \(isDryRun ? "would be freed" : "freed")"
        )
        return lines
    }
}
