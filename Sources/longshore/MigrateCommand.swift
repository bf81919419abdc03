import ArgumentParser
import Foundation
import Migration
import NIOPosix
import RegistryCore
import Storage

/// `longshore migrate`: turns the storage of docker-registry into v2 content.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Convert a docker-registry (v1) directory to v2.",
        discussion: """
            Converts every tag of SOURCE and stores it in DESTINATION as registry:2 would. The two may be the same \
            directory. Each layer is read once and verified on the way; files become hard links where that is possible \
            and safe, else copies. SOURCE is never written to unless it is DESTINATION too. A run that was cut off can \
            be started again; what was done is not done twice.

            Exit status: 0 when every tag was converted, 1 when some were not (each is named with the reason), \
            2 when the migration could not start.
            """
    )

    @Argument(help: "The directory that docker-registry wrote.")
    var source: String

    @Argument(help: "The directory that v2 clients are to be served from.")
    var destination: String

    @Option(help: ArgumentHelp("Write a report of every tag and image, as JSON.", valueName: "file"))
    var report: String?

    @Option(help: ArgumentHelp("How many layers to read at once.", valueName: "count"))
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Nothing else writes to SOURCE: link its files at once, however young they are.")
    var sourceIdle = false

    func validate() throws {
        guard jobs > 0 else { throw ValidationError("--jobs must be at least 1.") }
    }

    func run() async throws {
        let started = Date()
        let directories = try await OperatorError.explaining(status: 2) {
            try checkReportIsWritable()
            return try await MigrationDirectories(source: source, destination: destination)
        }
        let migrator = Migrator(
            from: directories.source,
            to: directories.destination,
            isInPlace: directories.isInPlace,
            options: .init(jobs: jobs, isSourceIdle: sourceIdle)
        )
        let (survey, plan) = try await OperatorError.explaining(status: 2) {
            let survey = try await migrator.survey()
            return (survey, try await migrator.plan(survey))
        }
        MigrationText.plan(survey, plan, source: source, destination: destination).forEach(Console.say)
        let display = ProgressDisplay(migrator.progress)
        let result = try await OperatorError.explaining {
            try await display.showing { try await migrator.run(survey, plan) }
        }
        MigrationText.summary(result, elapsed: Date().timeIntervalSince(started)).forEach(Console.say)
        try OperatorError.explaining { try writeReport(result, started: started) }
        try await directories.lock.release()
        if !result.isComplete { throw ExitCode(1) }
    }

    private func checkReportIsWritable() throws {
        guard let report else { return }
        let directory = URL(filePath: report).deletingLastPathComponent().path(percentEncoded: false)
        guard FileManager.default.isWritableFile(atPath: directory) else { throw UnwritableReport(path: report) }
    }

    private func writeReport(_ result: MigrationResult, started: Date) throws {
        guard let report else { return }
        let document = MigrationReport(
            result,
            source: source,
            destination: destination,
            started: started,
            finished: Date()
        )
        try document.encoded().write(to: URL(filePath: report), options: .atomic)
        Console.say("Report: \(report)")
    }
}

/// The report cannot be written, which is said before anything is done.
struct UnwritableReport: Error, CustomStringConvertible {
    let path: String
    var description: String { "the report \(path) cannot be written there" }
}
