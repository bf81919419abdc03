import ArgumentParser
import Foundation
import RegistryCore
import Settings
import Storage

/// `longshore verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let name = "verify"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Verify that everything stored is intact, and repair it.",
        discussion: """
            Reads every blob and v1 layer and compares it with its digest or checksum, follows every link, manifest \
            and tag of both layouts, and checks Longshore's own records. Without --repair it changes nothing. While a \
            server runs, the server does it, beside its requests; otherwise this command does. The exit status is 0 if \
            everything is intact, 1 if damage was found, repaired or not, and 2 if the verification could not be \
            completed.
            """
    )

    @Flag(
        help: ArgumentHelp(
            "Repair damage with what the other layout has, and move corrupt files that cannot be repaired aside.",
            discussion: "Files are moved to longshore/quarantine, and never deleted. A push replaces them."
        )
    )
    var repair = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Write the report as JSON to this file.", valueName: "file"))
    var report: String?

    @Option(help: ArgumentHelp("Read at most this many MiB per second.", valueName: "MiB"))
    var rate: Int?

    @Option(help: ArgumentHelp("The directory of the images, as for 'serve'.", valueName: "directory"))
    var root: String?

    @Argument(help: ArgumentHelp("A configuration file, as for 'serve'.", valueName: "config"))
    var file: String?

    func validate() throws {
        if let rate, !(1...1 << 20).contains(rate) { throw ValidationError("--rate must be from 1 to 1048576") }
    }

    func run() async throws {
        try await OperatorError.explaining(status: 2) {
            if let report { try ReportFiles.checkIsWritable(report) }
            let options: [RegistryConfiguration.Option?] = [
                root.map { .init("--root", "storage.filesystem.rootdirectory", $0) }
            ]
            let configuration = try ConfigurationOptions.load(file, options.compactMap { $0 })
            let settings = try ConfigurationOptions.accepted(configuration).settings
            let task = VerifyTask(
                repairs: repair,
                isJSON: json,
                isReported: report != nil,
                showsProgress: Console.isTerminal,
                rate: rate
            )
            let output = VerifyOutput(report: report)
            defer { output.finish() }
            do {
                try await OperatorSession.perform(task, settings, output: output.lines)
            } catch let status as ExitCode {
                try output.checkReport()
                throw status
            }
            try output.checkReport()
        }
    }
}

/// A verification that a command asked for.
struct VerifyTask: OperatorTask {
    static let name = VerifyCommand.name

    let repairs: Bool
    /// Whether the report is printed as JSON.
    let isJSON: Bool
    /// Whether the report is also sent as a document.
    let isReported: Bool
    let showsProgress: Bool
    /// The maximum rate in MiB per second; nil for no limit.
    let rate: Int?

    var writes: Bool { repairs }

    func run(in context: OperatorContext) async throws -> Int32 {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        // Requests need processors too.
        var options = VerificationOptions(width: context.isInServer ? max(1, cores / 2) : max(2, cores))
        options.repairs = repairs
        let verifying = options
        let progress = VerificationProgress(byteRate: rate.map { Int64(min(max($0, 1), 1 << 20)) << 20 })
        let report = try await showing(progress, context.output) {
            try await context.registry.verifier.run(verifying, progress: progress)
        }
        if context.isInServer { for finding in report.findings { finding.log(to: context.logger) } }
        let document = isJSON || isReported ? try VerifyText.document(report) : ""
        if isReported { context.output.write(.document(document)) }
        let lines = isJSON ? document.split(separator: "\n").map(String.init) : VerifyText.lines(report)
        for line in lines { context.output.say(line) }
        return report.isClean ? 0 : 1
    }

    /// Shows the progress of `work` while it runs.
    private func showing(
        _ progress: VerificationProgress,
        _ output: OperatorOutput,
        _ work: @escaping @Sendable () async throws -> VerificationReport
    ) async throws -> VerificationReport {
        guard showsProgress else { return try await work() }
        let started = ContinuousClock.now
        return try await withThrowingTaskGroup(of: VerificationReport?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .milliseconds(500)) } catch { break }
                    let seconds = (ContinuousClock.now - started) / .seconds(1)
                    output.write(.progress(VerifyText.line(progress.snapshot, seconds: seconds)))
                }
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() { if let report = finished { return report } }
            throw CancellationError()
        }
    }
}
