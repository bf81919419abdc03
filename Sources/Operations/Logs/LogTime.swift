import Glibc

/// Times in logs.
enum LogTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Appends a time in RFC 3339 format with milliseconds, in UTC.
    ///
    /// - Parameter time: Nanoseconds since 1970.
    static func append(_ time: Int64, to bytes: inout [UInt8]) {
        let moment = Moment(time)
        append(moment.year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(moment.month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(moment.day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendClock(moment, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        append(moment.millisecond, digits: 3, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends a time as Apache's access log has it: `30/Nov/2026:22:51:31 +0000`.
    static func appendCombined(_ time: Int64, to bytes: inout [UInt8]) {
        let moment = Moment(time)
        append(moment.day, digits: 2, to: &bytes)
        bytes.append(contentsOf: "/\(months[moment.month - 1])/".utf8)
        append(moment.year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendClock(moment, to: &bytes)
        bytes.append(contentsOf: " +0000".utf8)
    }

    /// Appends a number with leading zeros.
    static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var unit = 1
        for _ in 1..<max(digits, 1) { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
    }

    private static func appendClock(_ moment: Moment, to bytes: inout [UInt8]) {
        append(moment.second / 3600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(moment.second / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(moment.second % 60, digits: 2, to: &bytes)
    }

    /// A moment in UTC, from 1970 on.
    private struct Moment {
        let year: Int
        let month: Int
        let day: Int
        /// Of the day.
        let second: Int
        let millisecond: Int

        init(_ time: Int64) {
            let milliseconds = Int(max(0, time) / 1_000_000)
            millisecond = milliseconds % 1000
            second = milliseconds / 1000 % 86_400
            var seconds = time_t(milliseconds / 1000)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            year = Int(parts.tm_year) + 1900
            month = Int(parts.tm_mon) + 1
            day = Int(parts.tm_mday)
        }
    }
}
