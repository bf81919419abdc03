import Foundation
import Migration

/// The text that a migration prints: its plan before, its summary after.
enum MigrationText {
    /// The plan's lines.
    static func plan(_ preview: MigrationPreview) -> [String] {
        let (survey, plan) = (preview.survey, preview.plan)
        var lines = [
            "Plan: \(preview.source) to \(preview.destination)",
            "  repositories  \(survey.repositoryCount)",
            "  tags          \(survey.tags.count)"
                + (survey.failures.isEmpty ? "" : ", and \(survey.failures.count) that cannot be converted"),
            "  images        \(survey.images.count)"
                + (plan.known.layerCount == 0 ? "" : ", of which \(plan.known.layerCount) were read by an earlier run"),
            "  to hash       \(amount(plan.toHash))",
            "  to link       \(amount(plan.toLink))",
        ]
        if survey.leftOutTagCount > 0 { lines.insert("  skipped       \(survey.leftOutTagCount) tags", at: 3) }
        for (reason, copied) in plan.toCopy.sorted(by: { $0.key < $1.key }) {
            lines.append("  to copy       \(amount(copied)): \(reason)")
        }
        if plan.toCopy.isEmpty { lines.append("  to copy       nothing") }
        if let free = preview.freeByteCount {
            lines.append("  free          \(Quantity.bytes(free)) on the destination's disk")
        }
        if plan.toFetch.layerCount > 0 { lines.append("  to fetch      \(amount(plan.toFetch))") }
        if plan.toSend.layerCount > 0 { lines.append("  to send       \(amount(plan.toSend)), minus existing content") }
        return lines
    }

    /// The lines of a dry run after the plan: tags that are renamed or fail, and the estimated duration.
    ///
    /// - Parameter isVerbose: Whether to list every tag and every warning.
    static func dryRun(_ preview: MigrationPreview, isVerbose: Bool) -> [String] {
        let survey = preview.survey
        let told = isVerbose ? survey.tags : survey.tags.filter(\.changesName)
        var lines: [String] = []
        if !told.isEmpty {
            lines.append(isVerbose ? "To convert:" : "To convert under another name:")
            lines += told.map { "  \($0.v1Name):\($0.tag) becomes \($0.name):\($0.tag)" }
        }
        let rest = survey.tags.count - told.count
        if rest > 0 { lines.append("\(rest) \(told.isEmpty ? "" : "other ")tags will keep their names.") }
        if survey.tags.isEmpty { lines.append("No tag will be converted.") }
        if !survey.failures.isEmpty {
            lines.append("Cannot be converted:")
            lines += failures(survey.failures)
        }
        lines += warnings(survey.notices, isVerbose: isVerbose)
        if let seconds = preview.estimatedSeconds, let estimate = preview.estimate {
            lines.append("Estimated time: \(Quantity.duration(seconds)) (\(basis(of: estimate, preview.plan))).")
        }
        lines.append("Nothing was written. Damaged layers and failing hard links show up only in the run itself.")
        return lines
    }

    private static func basis(of estimate: TimeEstimate, _ plan: MigrationPlan) -> String {
        var parts = ["measured: layers are read at \(Quantity.rate(estimate.bytesPerSecond))"]
        parts.append("the disk syncs \(Int(estimate.syncsPerSecond)) times a second")
        if plan.byteCountToCopy > 0 {
            parts.append("assumed: copied at \(Quantity.rate(TimeEstimate.diskBytesPerSecond))")
        }
        if plan.toFetch.layerCount + plan.toSend.layerCount > 0 {
            parts.append("assumed: fetched or sent at \(Quantity.rate(TimeEstimate.networkBytesPerSecond))")
        }
        return parts.joined(separator: "; ")
    }

    private static func failures(_ failures: [FailedTag]) -> [String] {
        failures.map { "  \($0.name): \($0.reason)" }.sorted()
    }

    /// The warnings: one line for each kind, or every one.
    static func warnings(_ notices: [SourceNotice], isVerbose: Bool) -> [String] {
        guard !notices.isEmpty else { return [] }
        let groups = NoticeGroups(notices)
        let lines = isVerbose ? notices.map(NoticeGroups.line).sorted() : groups.lines
        let isShortened = lines.count < groups.noticeCount
        return ["Warnings:"] + lines.map { "  \($0)" }
            + (isShortened ? ["  (--verbose lists all \(groups.noticeCount); --report has them too)"] : [])
    }

    /// The summary: every tag that was not converted, then the totals.
    static func summary(_ result: MigrationResult, elapsed: TimeInterval) -> [String] {
        var lines: [String] = []
        if !result.failures.isEmpty {
            lines.append("Not converted:")
            lines += failures(result.failures)
        }
        func count(_ outcome: ConvertedTag.Outcome) -> Int { result.tags.count { $0.outcome == outcome } }
        if result.changedNothing, result.interruption == nil { lines.append(idleness(of: result)) }
        lines.append(
            "\(count(.converted)) tags converted, \(count(.unchanged)) unchanged, \(count(.kept)) newer in v2, "
                + "\(result.failures.count) not converted."
        )
        lines.append(
            "\(Quantity.bytes(result.readByteCount)) read, \(Quantity.bytes(result.linkedByteCount)) linked, "
                + "\(Quantity.bytes(result.copiedByteCount)) copied, \(Quantity.bytes(result.sharedByteCount)) reused, "
                + "in \(Quantity.duration(elapsed))."
        )
        if result.verifiedByteCount > 0 { lines.append("\(Quantity.bytes(result.verifiedByteCount)) read back.") }
        let rest = "\(result.remainingTagCount) of \(result.survey.tags.count) tags remain"
        switch result.interruption {
        case .firstFailure:
            lines.append("Stopped at the first tag that could not be converted (--fail-fast): \(rest).")
        case .stopped: lines.append("Stopped early: \(rest).")
        case .broken: lines.append("Failed before the end: \(rest).")
        case nil: break
        }
        return lines
    }

    /// Why a run changed nothing.
    private static func idleness(of result: MigrationResult) -> String {
        switch (result.tags.isEmpty, result.failures.isEmpty) {
        case (true, true): "Nothing to do: no tag to convert."
        case (false, true): "Nothing to do: nothing has changed since the last run."
        case (false, false):
            "Nothing to do: nothing has changed since the last run, and the tags above cannot be converted."
        case (true, false): "Nothing was converted: every tag failed, for the reasons above."
        }
    }

    private static func amount(_ amount: MigrationPlan.Amount) -> String {
        amount.layerCount == 0 ? "nothing" : "\(Quantity.bytes(amount.byteCount)) in \(amount.layerCount) layers"
    }
}
