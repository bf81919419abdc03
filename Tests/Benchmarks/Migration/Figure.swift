import Foundation

/// A measured figure and its goal.
struct Figure {
    /// The goal of a figure.
    enum Goal {
        case atLeast(Double)
        case below(Double)
        /// Shown for information only.
        case none
    }

    let name: String
    let value: Double
    let unit: String
    let goal: Goal

    /// The figure and whether its goal was reached, which is reported to ``Goals``. Called once for each figure.
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
