/// A duration in the format of Go's `time.ParseDuration`: numbers with units, `1h30m`, `0.5s`, or just `0`.
struct GoDuration: Hashable, Sendable {
    let duration: Duration

    /// Nil unless `text` is a valid duration, not negative, and less than 290 years.
    init?(parsing text: String) {
        if text == "0" {
            duration = .zero
            return
        }
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
            guard let seconds = Self.seconds[String(unit)] else { return nil }
            rest = rest.dropFirst(unit.count)
            total += number * seconds
        }
        guard total < 9e9 else { return nil }
        duration = .seconds(total)
    }

    private static let seconds = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600]
}
