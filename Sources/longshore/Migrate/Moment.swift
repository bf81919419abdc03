import ArgumentParser
import Foundation
import RegistryCore

/// A time on the command line: a day, or a day and a time in UTC or with an offset.
struct Moment: ExpressibleByArgument {
    /// Since 1970.
    let nanoseconds: Int64

    init?(argument: String) {
        let text = argument.contains("T") ? argument : argument + "T00:00:00Z"
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        self.nanoseconds = WallClock.nanoseconds(date)
    }
}

/// A number of bytes on the command line: digits, then K, M, G or T for powers of 1000.
struct ByteQuantity: ExpressibleByArgument {
    let byteCount: Int64

    init?(argument: String) {
        let factors: [Character: Int64] = ["K": 1000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000]
        let factor = argument.uppercased().last.flatMap { factors[$0] }
        guard let number = Int64(factor == nil ? argument[...] : argument.dropLast()) else { return nil }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: factor ?? 1)
        guard !isTooLarge, number >= 0 else { return nil }
        self.byteCount = product
    }
}
