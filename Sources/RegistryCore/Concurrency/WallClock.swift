package import Foundation
import Storage

/// The time of day as file systems tell it.
///
/// Clocks are set wrong, and files have the times of such clocks: neither ends the process. What is compared here is
/// clamped to what 64 bits hold, the years 1678 to 2261.
package enum WallClock {
    /// Nanoseconds since 1970.
    package static var now: Int64 { nanoseconds(Date()) }

    /// The time as RFC 3339 with seconds, in UTC.
    static var timestamp: String { Date().formatted(.iso8601) }

    /// How many nanoseconds before `now` something was changed; negative for what the clock has yet to reach.
    package static func age(of modified: Int64, now: Int64 = WallClock.now) -> Int64 {
        now.clampedSubtracting(modified)
    }

    /// A moment in nanoseconds since 1970.
    package static func nanoseconds(_ date: Date) -> Int64 { nanoseconds(seconds: date.timeIntervalSince1970) }

    /// A length of time, or a moment since 1970, in nanoseconds; `seconds` is of any size, and may be no number.
    package static func nanoseconds(seconds: Double) -> Int64 {
        let nanoseconds = seconds * 1_000_000_000
        return Int64(exactly: nanoseconds.rounded(.towardZero)) ?? (nanoseconds < 0 ? .min : .max)
    }
}
