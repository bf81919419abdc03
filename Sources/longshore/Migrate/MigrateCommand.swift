import ArgumentParser
import Foundation
import Migration

/// `longshore migrate`: converts v1 images to v2.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Convert v1 images to v2.",
        discussion: """
            Converts every tag of SOURCE and stores it in DESTINATION. Each layer is read once and verified. On one \
            file system, layer files become hard links where that is possible and safe, else copies. SOURCE is never \
            written to unless it is also DESTINATION. A run that was cut off, by Ctrl-C or otherwise, can be started \
            again: finished work is not repeated. A later run converts only what is new.

            SOURCE is a directory written by docker-registry, an archive written by 'docker save', or the address of \
            a v1 registry (http://HOST:PORT); with --upgrade-schema1, it is the directory of a v2 registry, whose \
            schema1 images are converted. DESTINATION is a directory to serve to v2 clients (it may \
            be SOURCE), oci:DIRECTORY for an OCI image layout, or the address of a v2 registry. An address may name \
            a user (http://USER@HOST); passwords are read from LONGSHORE_SOURCE_PASSWORD and \
            LONGSHORE_DESTINATION_PASSWORD.

            Exit status: 0 when every tag was converted, 1 when some were not (each is listed with the reason), \
            2 when the migration could not start, 3 when it could not continue (SOURCE down, DESTINATION full), \
            130 or 143 when a signal stopped it.
            """
    )

    @Argument(help: "A directory written by docker-registry, a 'docker save' archive, or the address of a v1 registry.")
    var source: String

    @Argument(help: "The directory to fill, oci:DIRECTORY, or the address of a v2 registry.")
    var destination: String

    @OptionGroup var options: MigrateOptions

    func validate() throws {
        do {
            _ = try SourceAddress(source, upgradesSchema1: options.upgradesSchema1, name: options.name)
            _ = try migrationOptions()
        } catch let error as ValidationError { throw error } catch {
            throw ValidationError(Explanation.of(error))
        }
        guard !options.dryRun || options.report == nil && options.htmlReport == nil else {
            throw ValidationError(
                "A dry run has nothing to report: use --plan FILE to write its plan."
            )
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
        let reports = ReportFiles(options)
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
            try await InterruptibleWork.run { try await work(migration, reports, started) }
        }
        try await OperatorError.explaining { try await migration.close() }
        if let result = outcome.value.flatMap(\.self) {
            try OperatorError.explaining {
                try reports.write(
                    result,
                    source: migration.absoluteSource,
                    destination: migration.absoluteDestination,
                    started,
                    isQuiet: options.quiet
                )
            }
        }
        try finish(outcome)
    }

    /// Ends with the exit status for the outcome.
    private func finish(_ outcome: InterruptibleWork.Outcome<MigrationResult?>) throws {
        let goOn = "Finished work is kept: run the same command again to continue."
        switch outcome {
        case .interrupted(let result, let status):
            let nothing = result?.map { _ in "" } ?? " before anything was converted"
            Console.note("Stopped\(nothing). \(goOn)")
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

    /// Runs the migration; nil after a dry run.
    private func work(
        _ migration: OpenMigration,
        _ reports: ReportFiles,
        _ started: Date
    ) async throws -> MigrationResult? {
        let migrator = migration.migrator
        let preview = try await OperatorError.explaining(status: 2) { try await lookAhead(migration, reports) }
        guard !options.dryRun else {
            MigrationText.dryRun(preview, isVerbose: options.verbose).forEach(Console.say)
            return nil
        }
        let (survey, plan) = (preview.survey, preview.plan)
        let result = try await OperatorError.explaining { () async throws -> MigrationResult in
            guard !options.quiet else { return try await migrator.run(survey, plan) }
            return try await ProgressDisplay(migrator.progress).showing {
                try await migrator.run(survey, plan, expectedSeconds: preview.dependableSeconds)
            }
        }
        if result.isRepetition, !options.verbose, !result.notices.isEmpty {
            say(["\(result.notices.count) warnings, as before; --verbose lists them."])
        } else {
            say(MigrationText.warnings(result.notices, isVerbose: options.verbose))
        }
        MigrationText.summary(result, elapsed: Date().timeIntervalSince(started)).forEach(Console.say)
        return result
    }

    /// Surveys the source, prints the plan, and refuses a migration that cannot be meant.
    private func lookAhead(_ migration: OpenMigration, _ reports: ReportFiles) async throws -> MigrationPreview {
        let asked = try migrationOptions()
        let survey = try await migration.migrator.survey()
        if !asked.selection.included.isEmpty, survey.tags.isEmpty, survey.failures.isEmpty {
            throw NothingSelected(patterns: options.include, tagCount: survey.leftOutTagCount)
        }
        for sentence in survey.unusedPatterns { Console.note("longshore: warning: \(sentence)") }
        var preview = MigrationPreview(
            survey: survey,
            plan: try await migration.migrator.plan(survey, presuming: migration.presumedObstacle),
            source: migration.sourceName,
            destination: migration.destinationName,
            disk: migration.disk
        )
        if options.dryRun || options.plan != nil || (preview.isLong && !options.quiet) {
            try await preview.measure(jobs: asked.jobs, byteRateLimit: asked.byteRateLimit)
        }
        say(MigrationText.plan(preview))
        try reports.write(
            preview,
            source: migration.absoluteSource,
            destination: migration.absoluteDestination,
            isQuiet: options.quiet
        )
        if !options.force { try preview.checkRoom() }
        return preview
    }

    /// Prints lines that --quiet suppresses.
    private func say(_ lines: [String]) {
        if !options.quiet { lines.forEach(Console.say) }
    }
}
