import Foundation

/// A figure that was measured, and what it should be.
struct Figure {
    /// What a figure is to be.
    enum Goal {
        case atLeast(Double)
        case below(Double)
    }

    let name: String
    let value: Double
    let unit: String
    let goal: Goal

    /// The figure, and whether the goal was reached, which ``Goals`` is told. Called once for each.
    func line() -> String {
        let (isReached, words) =
            switch goal {
            case .atLeast(let limit): (value >= limit, "at least \(limit.formatted())")
            case .below(let limit): (value < limit, "below \(limit.formatted())")
            }
        let figure = String(format: "%10.2f %@", value, unit)
        return name.padding(toLength: 44, withPad: " ", startingAt: 0) + figure
            + "  (\(words): \(Goals.verdict(isReached)))"
    }
}
