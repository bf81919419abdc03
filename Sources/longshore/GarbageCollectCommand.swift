import ArgumentParser
import Logging
import NIOPosix
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
            It locks the directory: stop the server first, or let the server collect (storage.maintenance.collection). \
            No other program may write to the directory meanwhile.
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
            try await collect(try ConfigurationOptions.accepted(configuration).settings)
        }
    }

    private func collect(_ settings: RegistrySettings) async throws {
        // Opening it read-only first does not create a missing directory.
        let access = try await FileSystemStorage.open(
            root: settings.storage.root,
            access: .readOnly,
            threadPool: .singleton
        )
        let storage =
            dryRun
            ? access
            : try await FileSystemStorage.open(root: access.root, access: .readWrite, threadPool: .singleton)
        try await LayoutFormat.check(storage)
        guard !dryRun else { return try await run(on: storage, settings) }
        let lock = try await DirectoryLock.acquire(
            in: storage,
            holder: ProcessDescription.line("longshore garbage-collect")
        )
        try await run(on: storage, settings)
        let files = try await storage.removeStaleStagingFiles()
        if files > 0 { Console.say("removed \(files) files left by interrupted writes") }
        try await lock.release()
    }

    private func run(on storage: FileSystemStorage, _ settings: RegistrySettings) async throws {
        let logger = LogOutput(settings).logger()
        let registry = Registry(
            storage: storage,
            isReadOnly: storage.isReadOnly,
            configuration: try settings.registry(isBackgroundSafe: false),
            logger: logger
        )
        var policy = CollectionPolicy(grace: settings.storage.collection.grace, isDryRun: dryRun)
        policy.sweepsV1Images = sweepsV1Images
        policy.untaggedAge = deletesUntagged ? policy.grace : settings.storage.collection.untaggedAge
        let report = try await registry.collector.run(policy) { [quiet] free in
            if !quiet { Console.say(CollectionText.line(free)) }
        }
        for line in CollectionText.lines(report, isDryRun: dryRun, isQuiet: quiet) { Console.say(line) }
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
