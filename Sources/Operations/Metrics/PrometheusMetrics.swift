package import CoreMetrics
import Synchronization

/// The metrics of this process, rendered for Prometheus: the factory behind swift-metrics.
///
/// The number of series is limited, whatever the clients send: further ones are counted nowhere, and counted.
package final class PrometheusMetrics: MetricsFactory {
    /// Sets gauges just before the page is rendered.
    package typealias Collector = @Sendable () async -> Void

    private struct State {
        /// The series of each metric, by its name.
        var families: [String: [MetricLabels: any MetricCell]] = [:]
        /// The number of lines with a value that they take.
        var lineCount = 0
    }

    private let state = Mutex(State())
    private let collectors = Mutex<[Collector]>([])
    private let lineLimit: Int

    /// - Parameter lineLimit: The maximum number of lines with a value: each bucket of a histogram is one.
    package init(lineLimit: Int = 1900) { self.lineLimit = lineLimit }

    /// Has `collector` called before each rendering.
    package func beforeRendering(_ collector: @escaping Collector) { collectors.withLock { $0.append(collector) } }

    /// The page with all metrics.
    func page() async -> String {
        for collector in collectors.withLock({ $0 }) { await collector() }
        let families = state.withLock(\.families)
        var page = PrometheusText()
        for (name, series) in families.sorted(by: { $0.key < $1.key }) {
            guard let family = MetricFamily.all[name] else { continue }
            page.begin(family)
            for (labels, cell) in series.sorted(by: { $0.key < $1.key }) { cell.write(name, labels, to: &page) }
        }
        return page.text
    }

    /// The cell of a series; nil if there is no such metric, or there are too many series.
    private func cell(_ name: String, _ dimensions: [(String, String)]) -> (any MetricCell)? {
        guard let family = MetricFamily.all[name] else { return nil }
        let labels = MetricLabels(dimensions)
        let found: (any MetricCell)? = state.withLock { state in
            if let cell = state.families[name]?[labels] { return cell }
            guard state.lineCount + family.lineCount <= lineLimit else { return nil }
            state.lineCount += family.lineCount
            let cell: any MetricCell =
                if case .histogram(let bounds) = family.kind { HistogramCell(bounds) } else { NumberCell() }
            state.families[name, default: [:]][labels] = cell
            return cell
        }
        if found == nil { dropped() }
        return found
    }

    private static let droppedName = "longshore_metric_series_dropped_total"

    private func dropped() {
        state.withLock { state in
            // It has its place whatever the limit is.
            let cell = state.families[Self.droppedName]?.values.first as? NumberCell ?? NumberCell()
            state.families[Self.droppedName] = [MetricLabels([]): cell]
            cell.increment(by: Int64(1))
        }
    }
}

/// Called by swift-metrics.
extension PrometheusMetrics {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(label, dimensions) as? NumberCell ?? IgnoredCell()
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        cell(label, dimensions) as? NumberCell ?? IgnoredCell()
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(label, dimensions) as? NumberCell ?? IgnoredCell()
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        cell(label, dimensions) as? any RecorderHandler ?? IgnoredCell()
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        cell(label, dimensions) as? HistogramCell ?? IgnoredCell()
    }

    // Series live as long as the process: a counter that begins anew would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

/// Used within this module.
extension PrometheusMetrics {
    /// The current values of a counter's or gauge's series.
    func values(of name: String) -> [(labels: MetricLabels, value: Double)] {
        let series = state.withLock { $0.families[name] } ?? [:]
        return series.compactMap { labels, cell in (cell as? NumberCell).map { (labels, $0.value) } }
    }

    /// Sets a gauge.
    func set(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
        Meter(label: name, dimensions: labels, factory: self).set(value)
    }
}
