import ArgumentParser
import Foundation
import Migration

/// `longshore migrate`: turns images of v1 into v2 content.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Convert v1 images to v2.",
        discussion: """
            Converts every tag of SOURCE and stores it in DESTINATION. Each layer is read once and verified on the way; \
            on one file system files become hard links where that is possible and safe, else copies. SOURCE is never \
            written to unless it is DESTINATION too. A run that was cut off, by Ctrl-C or otherwise, can be started \
            again: what was done is not done twice. A later run takes over what is new.

            SOURCE is the directory that docker-registry wrote, an archive that 'docker save' wrote, or the address of \
            a v1 registry (http://HOST:PORT); with --upgrade-schema1 the directory of a v2 registry, whose schema1 images \
            are converted. DESTINATION is a directory that v2 clients are to be served from (it may \
            be SOURCE), oci:DIRECTORY for an OCI image layout, or the address of a v2 registry. A user may stand in \
            an address (http://USER@HOST); passwords are read from LONGSHORE_SOURCE_PASSWORD and \
            LONGSHORE_DESTINATION_PASSWORD.

            Exit status: 0 when every tag was converted, 1 when some were not (each is named with the reason), \
            2 when the migration could not start, 3 when it could not go on (SOURCE went down, DESTINATION is full), \
            130 or 143 when it was stopped by a signal.
            """
    )

    @Argument(help: "The directory that docker-registry wrote, a 'docker save' archive, or a v1 registry's address.")
    var source: String

    @Argument(help: "The directory to fill, oci:DIRECTORY, or a v2 registry's address.")
    var destination: String

    @OptionGroup var options: MigrateOptions

    func validate() throws {
        do {
            _ = try SourceAddress(source, upgradesSchema1: options.upgradesSchema1, name: options.name)
            _ = try migrationOptions()
        } catch let error as ValidationError { throw error } catch {
            throw ValidationError("\(error)")
        }
        guard !options.dryRun || options.report == nil && options.htmlReport == nil else {
            throw ValidationError("A report is of what was done: --dry-run does nothing and prints its plan.")
        }
    }

    private func migrationOptions() throws -> MigrationOptions {
        try options.migrationOptions(isLayout: try DestinationAddress(destination).isLayout)
    }

    func run() async throws {
        FreedMemory.keep()
        try await OperatorError.explaining(status: 2) {
            try await RegistryTransports.with(options) { try await run($0) }
        }
    }

    private func run(_ transports: RegistryTransports) async throws {
        let started = Date()
        let reports = ReportFiles(json: options.report, html: options.htmlReport)
        let migration = try await OperatorError.explaining(status: 2) {
            try reports.checkAreWritable()
            return try await OpenMigration(
                from: source,
                to: destination,
                transports,
                options,
                try migrationOptions()
            )
        }
        let outcome = try await OperatorError.explaining {
            try await InterruptibleWork.run { try await work(migration, started) }
        }
        try await OperatorError.explaining { try await migration.close() }
        if let result = outcome.value.flatMap(\.self) {
            try OperatorError.explaining {
                try reports.write(result, source: migration.sourceName, destination: migration.destinationName, started)
            }
        }
        try finish(outcome)
    }

    /// Ends with the exit status that says how it went.
    private func finish(_ outcome: InterruptibleWork.Outcome<MigrationResult?>) throws {
        let goOn = "What was done is kept: start the same command again to go on from there."
        switch outcome {
        case .interrupted(_, let status):
            Console.note("Stopped. \(goOn)")
            throw ExitCode(status)
        case .finished(let result?):
            if case .broken(let reason) = result.interruption {
                Console.note("longshore: \(reason)")
                Console.note(goOn)
                throw ExitCode(3)
            }
            if !result.isComplete { throw ExitCode(1) }
        case .finished(nil): break
        }
    }

    /// Does what was asked for; nil when that was the plan alone.
    private func work(_ migration: OpenMigration, _ started: Date) async throws -> MigrationResult? {
        let migrator = migration.migrator
        let (survey, plan) = try await OperatorError.explaining(status: 2) {
            let survey = try await migrator.survey()
            return (survey, try await migrator.plan(survey, presuming: migration.presumedObstacle))
        }
        MigrationText.plan(survey, plan, source: migration.sourceName, destination: migration.destinationName)
            .forEach(Console.say)
        guard !options.dryRun else {
            let processors = ProcessInfo.processInfo.activeProcessorCount
            let estimate = ThroughputEstimate.measured(
                jobs: min(options.jobs ?? processors, processors),
                byteRateLimit: options.rateLimit?.byteCount
            )
            MigrationText.dryRun(survey, plan, estimate).forEach(Console.say)
            return nil
        }
        let result = try await OperatorError.explaining {
            try await ProgressDisplay(migrator.progress).showing { try await migrator.run(survey, plan) }
        }
        MigrationText.summary(result, elapsed: Date().timeIntervalSince(started)).forEach(Console.say)
        return result
    }
}
