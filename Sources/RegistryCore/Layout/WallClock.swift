import Foundation

/// The time of day as file systems tell it.
package enum WallClock {
    /// Nanoseconds since 1970.
    package static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000_000) }

    /// The time as RFC 3339 with seconds, in UTC.
    static var timestamp: String { Date().formatted(.iso8601) }
}
