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
        for (reason, copied) in plan.toCopy.sorted(by: { $0.key < $1.key }) {
            lines.append("  to copy       \(amount(copied)): \(reason)")
        }
        if plan.toCopy.isEmpty { lines.append("  to copy       nothing") }
        return lines
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
            lines += result.failures.map { "  \($0.repository):\($0.tag): \($0.reason)" }.sorted()
        }
        let converted = result.tags.count { $0.outcome == .converted }
        let unchanged = result.tags.count { $0.outcome == .unchanged }
        let kept = result.tags.count { $0.outcome == .kept }
        if result.changedNothing { lines.append("Nothing to do: nothing has changed since the last run.") }
        lines.append(
            "\(converted) tags converted, \(unchanged) unchanged, \(kept) newer in v2, \(result.failures.count) not converted."
        )
        lines.append(
            "\(Quantity.bytes(result.readByteCount)) read, \(Quantity.bytes(result.linkedByteCount)) linked, "
                + "\(Quantity.bytes(result.copiedByteCount)) copied, \(Quantity.bytes(result.sharedByteCount)) there already, "
                + "in \(Quantity.duration(elapsed))."
        )
        return lines
    }

    private static func amount(_ amount: MigrationPlan.Amount) -> String {
        amount.layerCount == 0 ? "nothing" : "\(Quantity.bytes(amount.byteCount)) in \(amount.layerCount) layers"
    }
}

/// Numbers as people read them.
enum Quantity {
    /// Bytes with a decimal unit: `1.5 GB`.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(count)
        var unit = 0
        while value >= 1000, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f %@", value, units[unit])
    }

    /// Seconds as `h:mm:ss`, or with a fraction when there are few.
    static func duration(_ seconds: TimeInterval) -> String {
        guard seconds >= 60 else { return String(format: "%.1f s", seconds) }
        let whole = Int(seconds)
        return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }
}
