package import Foundation

/// Human-readable numbers.
package enum Quantity {
    /// Bytes with a decimal unit: `1.5 GB`.
    package static func bytes(_ count: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(count)
        var unit = 0
        while value >= 1000, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f", value) + " \(units[unit])"
    }

    /// Bytes per second: `1.5 GB/s`.
    package static func rate(_ bytesPerSecond: Double) -> String {
        "\(bytes(Int64(exactly: bytesPerSecond.rounded(.towardZero)) ?? .max))/s"
    }

    /// An estimated time in whole seconds: `< 1 s`, `12 s`, `h:mm:ss`.
    package static func remaining(_ seconds: TimeInterval) -> String {
        if seconds < 1 { return "< 1 s" }
        return seconds < 60 ? String(format: "%.0f s", min(seconds, 59)) : duration(seconds)
    }

    /// Seconds as `h:mm:ss`; below a minute, with a fraction.
    package static func duration(_ seconds: TimeInterval) -> String {
        guard seconds >= 60 else { return String(format: "%.1f s", seconds) }
        // An estimate divides by measured speeds: it can be infinite, which must not trap.
        let whole = Int(exactly: seconds.rounded(.towardZero)) ?? .max
        return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }
}
