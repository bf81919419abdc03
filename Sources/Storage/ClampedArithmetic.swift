/// Arithmetic on untrusted numbers from files, headers and clocks. It saturates on overflow: an overflowing number is
/// wrong anyway, and must not crash the process.
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
    /// The sum of all elements, clamped like ``FixedWidthInteger/clampedAdding(_:)``.
    package var clampedSum: Element { reduce(0) { $0.clampedAdding($1) } }
}
