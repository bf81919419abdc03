/// A time as read from and written to JSON by Go's `time.Time`: local time and the zone's offset.
///
/// Go 1.19: RFC 3339 with a fraction of any length, and Go's leniencies.
struct GoTime: Equatable, Sendable, CustomStringConvertible {
    /// The year, 0 to 9999.
    private(set) var year = 1
    /// The month, 1 to 12.
    private(set) var month = 1
    /// The day of the month.
    private(set) var day = 1
    private(set) var hour = 0
    private(set) var minute = 0
    private(set) var second = 0
    private(set) var nanosecond = 0
    /// The zone's offset from UTC, positive to the east.
    private(set) var offsetMinutes = 0

    /// Go's zero time: the first second of the year 1, in UTC.
    static let zero = GoTime()

    private init() {}

    /// Parses a JSON value with its quotation marks; Go does not unescape it. Nil if it is not a time.
    init?(parsing json: ArraySlice<UInt8>) {
        var scanner = GoTimeScanner(json)
        guard scanner.skip("\""), let year = scanner.fixedDigits(4), scanner.skip("-"),
            let month = scanner.fixedDigits(2), (1...12).contains(month), scanner.skip("-"),
            let day = scanner.fixedDigits(2), (1...Self.dayCount(month: month, year: year)).contains(day),
            scanner.skip("T"),
            let hour = scanner.oneOrTwoDigits(), hour < 24, scanner.skip(":"),
            let minute = scanner.fixedDigits(2), minute < 60, scanner.skip(":"),
            let second = scanner.fixedDigits(2), second < 60, case let nanosecond = scanner.fraction(),
            let offset = scanner.offsetMinutes(), scanner.skip("\""), scanner.isAtEnd
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second, self.nanosecond) = (hour, minute, second, nanosecond)
        self.offsetMinutes = offset
    }

    /// RFC 3339, the fraction without trailing zeros: Go's `RFC3339Nano` layout.
    var description: String {
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let time = "\(Self.padded(hour, 2)):\(Self.padded(minute, 2)):\(Self.padded(second, 2))"
        return "\(date)T\(time)\(fraction)\(zone)"
    }

    private var fraction: String {
        guard nanosecond > 0 else { return "" }
        var digits = Substring(Self.padded(nanosecond, 9))
        while digits.hasSuffix("0") { digits.removeLast() }
        return ".\(digits)"
    }

    private var zone: String {
        guard offsetMinutes != 0 else { return "Z" }
        let distance = abs(offsetMinutes)
        return "\(offsetMinutes < 0 ? "-" : "+")\(Self.padded(distance / 60, 2)):\(Self.padded(distance % 60, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func dayCount(month: Int, year: Int) -> Int {
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
