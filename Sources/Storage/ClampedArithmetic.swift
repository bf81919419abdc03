/// Arithmetic on numbers that others wrote: into a file, a header, a clock. A result that is too large, or too small, is the
/// largest, or smallest, that there is: such a number is wrong anyway, and nobody may end the process by it.
extension FixedWidthInteger {
    /// `self + other`.
    package func clampedAdding(_ other: Self) -> Self {
        let (sum, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? (other < 0 ? .min : .max) : sum
    }

    /// `self - other`.
    package func clampedSubtracting(_ other: Self) -> Self {
        let (difference, isOverflow) = subtractingReportingOverflow(other)
        return isOverflow ? (other > 0 ? .min : .max) : difference
    }

    /// `self * other`.
    package func clampedMultiplied(by other: Self) -> Self {
        let (product, isOverflow) = multipliedReportingOverflow(by: other)
        return isOverflow ? ((self < 0) != (other < 0) ? .min : .max) : product
    }
}

extension Sequence where Element: FixedWidthInteger {
    /// The sum of all, clamped as ``FixedWidthInteger/clampedAdding(_:)`` does.
    package var clampedSum: Element { reduce(0) { $0.clampedAdding($1) } }
}
