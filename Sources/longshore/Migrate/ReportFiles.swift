import Foundation
import Migration
import Storage

/// The files for the plan and the reports.
struct ReportFiles {
    /// The plan in JSON.
    let plan: String?
    /// The report in JSON.
    let json: String?
    /// The report in HTML.
    let html: String?

    init(_ options: MigrateOptions) {
        plan = options.plan
        json = options.report
        html = options.htmlReport
    }

    /// Checks that the files can be written, before anything is done.
    ///
    /// - Throws: ``UnwritableReport``.
    func checkAreWritable() throws {
        for path in [plan, json, html].compactMap({ $0 }) { try Self.checkIsWritable(path) }
    }

    /// Checks that one file can be written.
    ///
    /// - Throws: ``UnwritableReport``.
    static func checkIsWritable(_ path: String) throws {
        let manager = FileManager.default
        var isDirectory: ObjCBool = false
        let isThere = manager.fileExists(atPath: path, isDirectory: &isDirectory)
        if isThere, isDirectory.boolValue {
            throw UnwritableReport(path: path, reason: "it is a directory: name a file in it")
        }
        let directory = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        guard manager.fileExists(atPath: directory) else {
            throw UnwritableReport(path: path, reason: "no such directory: \(directory)")
        }
        guard manager.isWritableFile(atPath: directory) else {
            throw UnwritableReport(path: path, reason: "permission denied")
        }
    }

    /// Writes the plan if requested, and prints its path.
    func write(_ preview: MigrationPreview, source: String, destination: String, isQuiet: Bool) throws {
        guard let plan else { return }
        let document = PlanDocument(preview, source: source, destination: destination)
        try LocalFile.replace(plan, with: try document.encoded(), mode: Self.mode)
        if !isQuiet { Console.say("Plan: \(plan)") }
    }

    /// Writes the requested reports, and prints their paths.
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

    /// Readable by everyone.
    private static let mode: UInt32 = 0o644
}

/// A report cannot be written; thrown before anything is done.
struct UnwritableReport: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var description: String { "cannot write \(path): \(reason)" }
}
