/// A log that cannot be written.
package struct UnusableLog: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "cannot write \(path): \(reason)" }
}

extension PrometheusMetrics {
    /// Counts the log lines that could not be written in time.
    package func reportLostLines(of writers: [LineWriter]) {
        beforeRendering { [self] in
            set("longshore_log_lines_lost_total", Double(writers.reduce(0) { $0 + $1.lostCount }))
        }
    }
}
