import Foundation
import Migration

/// The files that a report is written to.
struct ReportFiles {
    /// For programs.
    let json: String?
    /// For people.
    let html: String?

    /// Looks whether they can be written, before anything is done.
    ///
    /// - Throws: ``UnwritableReport``.
    func checkAreWritable() throws {
        for path in [json, html].compactMap({ $0 }) {
            let directory = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
            guard FileManager.default.isWritableFile(atPath: directory) else { throw UnwritableReport(path: path) }
        }
    }

    /// Writes what was asked for, and says where.
    func write(_ result: MigrationResult, source: String, destination: String, _ started: Date) throws {
        let report = MigrationReport(
            result,
            source: source,
            destination: destination,
            started: started,
            finished: Date()
        )
        if let json {
            try report.encoded().write(to: URL(filePath: json), options: .atomic)
            Console.say("Report: \(json)")
        }
        if let html {
            try Data(ReportPage(report).html.utf8).write(to: URL(filePath: html), options: .atomic)
            Console.say("Page: \(html)")
        }
    }
}

/// The report cannot be written, which is said before anything is done.
struct UnwritableReport: Error, CustomStringConvertible {
    let path: String
    var description: String { "the report \(path) cannot be written there" }
}
