import CoreMetrics
import Synchronization

/// The value of one series.
protocol MetricCell: AnyObject, Sendable {
    /// Appends the series in the text format.
    func write(_ name: String, _ labels: MetricLabels, to text: inout PrometheusText)
}

/// A number: a counter's or a gauge's.
final class NumberCell: MetricCell, CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let number = Mutex(0.0)

    var value: Double { number.withLock { $0 } }

    func increment(by amount: Int64) { number.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { number.withLock { $0 += amount } }
    func decrement(by amount: Double) { number.withLock { $0 -= amount } }
    func set(_ value: Int64) { number.withLock { $0 = Double(value) } }
    func set(_ value: Double) { number.withLock { $0 = value } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func reset() { set(0.0) }

    func write(_ name: String, _ labels: MetricLabels, to text: inout PrometheusText) {
        text.sample(name, labels, value)
    }
}

/// A histogram of values, or of durations in seconds.
final class HistogramCell: MetricCell, RecorderHandler, TimerHandler {
    private struct Counts {
        /// The number of values in each bucket, and at the end those above all bounds.
        var buckets: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let counts: Mutex<Counts>

    /// - Parameter bounds: The upper bounds of the buckets, in ascending order.
    init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = Mutex(Counts(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts.withLock { counts in
            counts.buckets[bucket] &+= 1
            counts.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func write(_ name: String, _ labels: MetricLabels, to text: inout PrometheusText) {
        let counts = counts.withLock { $0 }
        var total: UInt64 = 0
        for (index, count) in counts.buckets.enumerated() {
            total &+= count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            text.sample(name + "_bucket", labels.adding("le", bound), Double(total))
        }
        text.sample(name + "_sum", labels, counts.sum)
        text.sample(name + "_count", labels, Double(total))
    }
}

/// A series beyond the limit, or a metric that nobody described: counted nowhere.
final class IgnoredCell: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    func increment(by amount: Int64) {}
    func increment(by amount: Double) {}
    func decrement(by amount: Double) {}
    func set(_ value: Int64) {}
    func set(_ value: Double) {}
    func record(_ value: Int64) {}
    func record(_ value: Double) {}
    func recordNanoseconds(_ duration: Int64) {}
    func reset() {}
}
