import Foundation
import Logging
import RegistryCore
import Storage
import Synchronization

/// The output of a verification.
enum VerifyText {
    /// The progress in one line.
    static func line(_ state: VerificationState, seconds: Double) -> String {
        let mebibytes = Double(state.byteCount) / Double(1 << 20)
        let rate = seconds > 0 ? Int(mebibytes / seconds) : 0
        let damage = state.findingCount > 0 ? ", \(state.findingCount) damaged" : ""
        return
            "\(state.part.rawValue): \(Int(state.fraction * 100)) %, \(Int(mebibytes)) MiB read, \(rate) MiB/s\(damage)"
    }

    /// All damage, and the totals.
    static func lines(_ report: VerificationReport) -> [String] {
        var lines = report.findings.map(\.line)
        if report.omittedCount > 0 { lines.append("and \(report.omittedCount) more damaged objects") }
        for file in report.quarantine { lines.append("set aside: \(file.key) (\(file.byteCount) bytes)") }
        let totals = [
            "\(report.blobCount) blobs", "\(report.layerCount) v1 layers", "\(report.manifestCount) manifests",
            "\(report.tagCount) tags", "\(report.recordCount) records",
        ]
        lines.append("verified \(totals.joined(separator: ", ")); read \(report.byteCount) bytes")
        let count = report.findings.count + report.omittedCount
        let repaired = report.findings.count { $0.repair != nil }
        if count == 0 {
            lines.append("everything is intact")
        } else {
            lines.append(
                "\(count) damaged objects" + (repaired > 0 ? ", \(repaired) of them repaired or set aside" : "")
            )
        }
        return lines
    }

    /// The report as JSON.
    static func document(_ report: VerificationReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}

extension DamageFinding {
    /// Logs the damage with the repositories and tags that need it.
    func log(to logger: Logger) {
        var metadata: Logger.Metadata = ["kind": "\(kind.rawValue)", "key": "\(key)", "detail": "\(detail)"]
        if !repositories.isEmpty { metadata["repositories"] = "\(repositories.joined(separator: ", "))" }
        if !tags.isEmpty { metadata["tags"] = "\(tags.joined(separator: ", "))" }
        if let repair { metadata["repair"] = "\(repair)" }
        logger.error("damage found", metadata: metadata)
    }
}

/// Where the output of a verification goes: progress to a line of the terminal that is redrawn, the report to a file.
final class VerifyOutput: Sendable {
    private let path: String?
    private let isLineOpen = Mutex(false)
    private let failure = Mutex<UnwritableReport?>(nil)

    /// - Parameter report: The file for the report; nil for none.
    init(report: String?) { path = report }

    /// Takes the output.
    var lines: OperatorOutput {
        OperatorOutput { [self] line in
            switch line {
            case .progress(let text): show(text)
            case .document(let text): write(text)
            case .output, .note:
                finish()
                OperatorOutput.console.write(line)
            }
        }
    }

    /// Removes the progress from the terminal.
    func finish() {
        isLineOpen.withLock { isOpen in
            if isOpen { Console.note(part: "\r\u{1B}[K") }
            isOpen = false
        }
    }

    /// Fails if the report could not be written.
    func checkReport() throws {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func show(_ text: String) {
        isLineOpen.withLock { isOpen in
            Console.note(part: "\r\u{1B}[K" + text.prefix(max(0, Console.terminalSize.columns - 1)))
            isOpen = true
        }
    }

    private func write(_ text: String) {
        guard let path else { return }
        do { try LocalFile.replace(path, with: Array((text + "\n").utf8), mode: 0o644) } catch {
            failure.withLock { $0 = UnwritableReport(path: path, reason: Explanation.of(error)) }
        }
    }
}
