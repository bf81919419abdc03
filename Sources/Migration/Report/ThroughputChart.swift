import Foundation

/// A chart of bytes read per second over the time of a migration.
struct ThroughputChart {
    private let samples: [MigrationProgress.Sample]

    private static let (left, right, top, bottom) = (90.0, 980.0, 14.0, 190.0)

    /// - Parameter samples: In order of time. All bytes may have been read before the first.
    init(_ samples: [MigrationProgress.Sample]) {
        self.samples = [MigrationProgress.Sample(seconds: 0, bytesRead: 0)] + samples
    }

    /// The chart as SVG; nil with too few samples.
    var svg: String? {
        guard samples.count > 1, let last = samples.last, last.seconds > 0 else { return nil }
        let rates = zip(samples, samples.dropFirst()).map { earlier, later in
            (later.seconds, Double(later.bytesRead - earlier.bytesRead) / max(later.seconds - earlier.seconds, 0.001))
        }
        let highest = Self.rounded(max(rates.map(\.1).max() ?? 1, 1))
        let points = rates.map { seconds, rate in
            Self.number(Self.x(seconds / last.seconds)) + "," + Self.number(Self.y(rate / highest))
        }
        let steps = [0, 0.25, 0.5, 0.75, 1]
        let rows = steps.map { Self.row(at: $0, Quantity.rate($0 * highest)) }
        let columns = steps.map { Self.column(at: $0, Quantity.duration($0 * last.seconds)) }
        return """
            <svg viewBox="0 0 1000 220" role="img" aria-label="Bytes read per second over time">
            <g stroke="#8c959f" stroke-width="1" fill="none">
            <path d="M\(Self.number(Self.left)) \(Self.number(Self.top))V\(Self.number(Self.bottom))H\(Self.number(Self.right))"/>
            </g>
            <g font-size="12" fill="currentColor">
            \((rows + columns).joined(separator: "\n"))
            </g>
            <polyline fill="none" stroke="#0969da" stroke-width="2" points="\(points.joined(separator: " "))"/>
            </svg>
            """
    }

    /// A horizontal grid line with its label.
    private static func row(at share: Double, _ label: String) -> String {
        let y = number(y(share))
        return "<path d=\"M\(number(left - 4)) \(y)H\(number(right))\" stroke=\"#8c959f\" stroke-opacity=\".35\"/>"
            + "<text x=\"\(number(left - 8))\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(label)</text>"
    }

    /// A tick on the time axis with its label.
    private static func column(at share: Double, _ label: String) -> String {
        let x = number(x(share))
        let anchor = share == 0 ? "start" : share == 1 ? "end" : "middle"
        return "<path d=\"M\(x) \(number(bottom))v4\" stroke=\"#8c959f\"/>"
            + "<text x=\"\(x)\" y=\"\(number(bottom + 20))\" text-anchor=\"\(anchor)\">\(label)</text>"
    }

    private static func x(_ share: Double) -> Double { left + share * (right - left) }
    private static func y(_ share: Double) -> Double { bottom - share * (bottom - top) }
    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

    /// `value` rounded up to a readable number: 1, 2, 4, 5 or 8 times a power of ten.
    private static func rounded(_ value: Double) -> Double {
        var unit = 1.0
        while unit * 10 < value { unit *= 10 }
        return ([1, 2, 4, 5, 8, 10].map { $0 * unit }.first { $0 >= value }) ?? value
    }
}
