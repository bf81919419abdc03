import Foundation
import Migration

/// What a migration says to a person: its plan before, its summary after.
enum MigrationText {
    /// The plan, a line each.
    static func plan(_ survey: TreeSurvey, _ plan: MigrationPlan, source: String, destination: String) -> [String] {
        var lines = [
            "Plan: \(source) to \(destination)",
            "  repositories  \(survey.repositoryCount)",
            "  tags          \(survey.tags.count)"
                + (survey.failures.isEmpty ? "" : ", and \(survey.failures.count) that cannot be converted"),
            "  images        \(survey.images.count)"
                + (plan.known.layerCount == 0 ? "" : ", of which \(plan.known.layerCount) were read before"),
            "  to hash       \(amount(plan.toHash))",
            "  to link       \(amount(plan.toLink))",
        ]
        if survey.leftOutTagCount > 0 { lines.insert("  left out      \(survey.leftOutTagCount) tags", at: 3) }
        for (reason, copied) in plan.toCopy.sorted(by: { $0.key < $1.key }) {
            lines.append("  to copy       \(amount(copied)): \(reason)")
        }
        if plan.toCopy.isEmpty { lines.append("  to copy       nothing") }
        if plan.toFetch.layerCount > 0 { lines.append("  to fetch      \(amount(plan.toFetch))") }
        if plan.toSend.layerCount > 0 { lines.append("  to send       \(amount(plan.toSend)), less what is there") }
        return lines
    }

    /// What a dry run says beyond the plan: every tag, what will fail and why, how long it may take.
    static func dryRun(_ survey: TreeSurvey, _ plan: MigrationPlan, _ estimate: ThroughputEstimate) -> [String] {
        var lines = ["To convert:"]
        lines += survey.tags.map { "  \($0.legacyName):\($0.tag) as \($0.name):\($0.tag)" }
        if survey.tags.isEmpty { lines.append("  nothing") }
        if !survey.failures.isEmpty {
            lines.append("Cannot be converted:")
            lines += failures(survey.failures)
        }
        let rates = [
            estimate.bytesPerSecond, ThroughputEstimate.diskBytesPerSecond, ThroughputEstimate.networkBytesPerSecond,
        ]
        .map { Quantity.bytes(Int64($0)) + "/s" }
        lines.append(
            "Estimated time: \(Quantity.duration(estimate.seconds(for: plan))), if layers are hashed at \(rates[0]), as was "
                + "tried out, copied at \(rates[1]), and fetched or sent at \(rates[2])."
        )
        lines.append("Nothing was written. Damage in layers, and whether links are permitted, shows in the run itself.")
        return lines
    }

    private static func failures(_ failures: [FailedTag]) -> [String] {
        failures.map { "  \($0.name): \($0.reason)" }.sorted()
    }

    /// The summary, a line each: every tag that was not converted, then the totals.
    static func summary(_ result: MigrationResult, elapsed: TimeInterval) -> [String] {
        var lines: [String] = []
        if !result.notices.isEmpty {
            lines.append("Out of order, but no obstacle:")
            lines += result.notices.map { "  \($0.subject): \($0.text)" }.sorted()
        }
        if !result.failures.isEmpty {
            lines.append("Not converted:")
            lines += failures(result.failures)
        }
        let converted = result.tags.count { $0.outcome == .converted }
        let unchanged = result.tags.count { $0.outcome == .unchanged }
        let kept = result.tags.count { $0.outcome == .kept }
        if result.changedNothing, result.interruption == nil {
            let isEmpty = result.tags.isEmpty && result.failures.isEmpty
            let reason = isEmpty ? "there is no tag to convert" : "nothing has changed since the last run"
            lines.append("Nothing to do: \(reason).")
        }
        lines.append(
            "\(converted) tags converted, \(unchanged) unchanged, \(kept) newer in v2, \(result.failures.count) not converted."
        )
        lines.append(
            "\(Quantity.bytes(result.readByteCount)) read, \(Quantity.bytes(result.linkedByteCount)) linked, "
                + "\(Quantity.bytes(result.copiedByteCount)) copied, \(Quantity.bytes(result.sharedByteCount)) there already, "
                + "in \(Quantity.duration(elapsed))."
        )
        if result.verifiedByteCount > 0 { lines.append("\(Quantity.bytes(result.verifiedByteCount)) read back.") }
        switch result.interruption {
        case .firstFailure: lines.append("Ended at the first tag that could not be converted, as --fail-fast asks.")
        case .stopped: lines.append("Stopped before all was done.")
        case .broken: lines.append("Ended before all was done, because it could not go on.")
        case nil: break
        }
        return lines
    }

    private static func amount(_ amount: MigrationPlan.Amount) -> String {
        amount.layerCount == 0 ? "nothing" : "\(Quantity.bytes(amount.byteCount)) in \(amount.layerCount) layers"
    }
}
