import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A time in HTTP's format: `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Grammar: RFC 9110, section 5.6.7, "IMF-fixdate".
package struct HTTPDate: Sendable, CustomStringConvertible {
    /// Whole seconds since 1970, without leap seconds.
    package let secondsSince1970: Int

    package let description: String

    /// Formats a time in whole seconds since 1970.
    package init(secondsSince1970 seconds: Int) {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let day = Self.days[Int(parts.tm_wday)]
        let month = Self.months[Int(parts.tm_mon)]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(Self.twoDigits).joined(separator: ":")
        secondsSince1970 = seconds
        description = "\(day), \(Self.twoDigits(parts.tm_mday)) \(month) \(Int(parts.tm_year) + 1900) \(clock) GMT"
    }

    /// The current second, formatted once per second rather than once per response.
    package static var now: HTTPDate {
        let seconds = time(nil)
        return latest.withLock { latest in
            if latest.secondsSince1970 != seconds { latest = HTTPDate(secondsSince1970: seconds) }
            return latest
        }
    }

    private static let latest = Mutex(HTTPDate(secondsSince1970: 0))
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
