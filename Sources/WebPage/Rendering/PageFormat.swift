import Foundation

/// Values as people read them.
enum PageFormat {
    /// Bytes with a decimal unit: `1.5 GB`.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(max(0, count))
        var unit = 0
        while value >= 1000, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(max(0, count)) B" : String(format: "%.1f", value) + " \(units[unit])"
    }

    /// A time in UTC, to the minute.
    static func time(seconds: Int64) -> String {
        // Years of four digits: anything else is damage.
        let seconds = min(max(seconds, -62_135_596_800), 253_402_300_799)
        let text = Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
        return String(text.prefix(16)).replacing("T", with: " ")
    }

    /// A time in UTC, to the minute.
    static func time(nanoseconds: Int64) -> String { time(seconds: nanoseconds / 1_000_000_000) }

    /// A time that an image states, to the minute; nil if it is none. Images without one state the year 1.
    static func time(stated text: String?) -> String? {
        guard let text, text.utf8.count <= 64, text.utf8.count >= 16, !text.hasPrefix("0001-01-01"),
            text.utf8.prefix(16).enumerated().allSatisfy({ index, byte in
                switch index {
                case 4, 7: byte == UInt8(ascii: "-")
                case 10: byte == UInt8(ascii: "T")
                case 13: byte == UInt8(ascii: ":")
                default: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                }
            })
        else { return nil }
        return String(text.prefix(16)).replacing("T", with: " ")
    }

    /// How long ago something was, or how far off it is: `5 minutes`.
    static func duration(_ duration: Duration) -> String {
        let seconds = abs(duration.components.seconds)
        let (count, unit) =
            switch seconds {
            case ..<60: (seconds, "second")
            case ..<3600: (seconds / 60, "minute")
            case ..<172_800: (seconds / 3600, "hour")
            default: (seconds / 86_400, "day")
            }
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }

    /// A number with a noun: `1 tag`, `2 tags`.
    static func count(_ count: Int, _ noun: String) -> String {
        let plural = noun.hasSuffix("y") ? noun.dropLast() + "ies" : noun + "s"
        return "\(count) \(count == 1 ? noun : plural)"
    }

    /// The beginning of a digest, without its algorithm.
    static func short(_ digest: String) -> String {
        String((digest.split(separator: ":").last ?? "").prefix(12))
    }

    /// The beginning of a text that strangers wrote.
    static func cut(_ text: String, to limit: Int = 8192) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + " …"
    }
}
