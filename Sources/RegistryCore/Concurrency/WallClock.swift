package import Foundation
import Storage

/// The time of day, as in file timestamps.
///
/// Clocks may be wrong, and so may file timestamps; neither must crash the process. Results are clamped to the range of
/// 64 bits, the years 1678 to 2261.
package enum WallClock {
    /// Nanoseconds since 1970.
    package static var now: Int64 { nanoseconds(Date()) }

    /// The current time in RFC 3339 format with seconds, in UTC.
    static var timestamp: String { Date().formatted(.iso8601) }

    /// How many nanoseconds before `now` something was modified; negative if its timestamp is in the future.
    package static func age(of modified: Int64, now: Int64 = WallClock.now) -> Int64 {
        now.clampedSubtracting(modified)
    }

    /// A date in nanoseconds since 1970.
    package static func nanoseconds(_ date: Date) -> Int64 { nanoseconds(seconds: date.timeIntervalSince1970) }

    /// A duration, or a time since 1970, in nanoseconds; `seconds` may have any value, even NaN.
    package static func nanoseconds(seconds: Double) -> Int64 {
        let nanoseconds = seconds * 1_000_000_000
        return Int64(exactly: nanoseconds.rounded(.towardZero)) ?? (nanoseconds < 0 ? .min : .max)
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to 64 bits.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.clampedMultiplied(by: 1_000_000_000).clampedAdding(attoseconds / 1_000_000_000)
    }
}
