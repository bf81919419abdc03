import Foundation
import Migration
import Storage

/// The files that a plan and a report are written to.
struct ReportFiles {
    /// The plan, for programs.
    let plan: String?
    /// The report, for programs.
    let json: String?
    /// The report, for people.
    let html: String?

    init(_ options: MigrateOptions) {
        plan = options.plan
        json = options.report
        html = options.htmlReport
    }

    /// Looks whether they can be written, before anything is done.
    ///
    /// - Throws: ``UnwritableReport``.
    func checkAreWritable() throws {
        let manager = FileManager.default
        for path in [plan, json, html].compactMap({ $0 }) {
            var isDirectory: ObjCBool = false
            let isThere = manager.fileExists(atPath: path, isDirectory: &isDirectory)
            if isThere, isDirectory.boolValue {
                throw UnwritableReport(path: path, reason: "it is a directory: name a file in it")
            }
            let directory = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
            guard manager.fileExists(atPath: directory) else {
                throw UnwritableReport(path: path, reason: "there is no directory \(directory)")
            }
            guard manager.isWritableFile(atPath: directory) else {
                throw UnwritableReport(path: path, reason: "permission denied")
            }
        }
    }

    /// Writes the plan, if that was asked for, and says where.
    func write(_ preview: MigrationPreview, source: String, destination: String, isQuiet: Bool) throws {
        guard let plan else { return }
        let document = PlanDocument(preview, source: source, destination: destination)
        try LocalFile.replace(plan, with: try document.encoded(), mode: Self.mode)
        if !isQuiet { Console.say("Plan: \(plan)") }
    }

    /// Writes the report that was asked for, and says where.
    func write(
        _ result: MigrationResult,
        source: String,
        destination: String,
        _ started: Date,
        isQuiet: Bool
    ) throws {
        let report = MigrationReport(
            result,
            host: HostName.current,
            source: source,
            destination: destination,
            started: started,
            finished: Date()
        )
        if let json {
            try LocalFile.replace(json, with: Array(try report.encoded()), mode: Self.mode)
            if !isQuiet { Console.say("Report: \(json)") }
        }
        if let html {
            try LocalFile.replace(html, with: Array(ReportPage(report).html.utf8), mode: Self.mode)
            if !isQuiet { Console.say("Page: \(html)") }
        }
    }

    /// Everybody may read them.
    private static let mode: UInt32 = 0o644
}

/// A file cannot be written, which is said before anything is done.
struct UnwritableReport: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var description: String { "cannot write \(path): \(reason)" }
}
