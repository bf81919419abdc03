import Foundation

/// A figure that was measured, and what it should be.
struct Figure {
    /// What a figure is to be.
    enum Goal {
        case atLeast(Double)
        case below(Double)
        /// It is shown beside the others.
        case none
    }

    let name: String
    let value: Double
    let unit: String
    let goal: Goal

    /// The figure, and whether the goal was reached, which ``Goals`` is told. Called once for each.
    func line() -> String {
        let verdict =
            switch goal {
            case .atLeast(let limit): "  (at least \(limit.formatted()): \(Goals.verdict(value >= limit)))"
            case .below(let limit): "  (below \(limit.formatted()): \(Goals.verdict(value < limit)))"
            case .none: ""
            }
        return name.padding(toLength: 44, withPad: " ", startingAt: 0) + String(format: "%10.2f %@", value, unit)
            + verdict
    }
}
