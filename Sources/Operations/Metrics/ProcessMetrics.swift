import CoreMetrics
import Glibc

/// What the system knows of this process, as every Prometheus client library tells it: proc(5).
package struct ProcessMetrics: Sendable {
    private let metrics: PrometheusMetrics

    /// Starts reporting, with the program's version.
    package init(version: String, _ metrics: PrometheusMetrics) {
        self.metrics = metrics
        Meter(label: "longshore_build_info", dimensions: [("version", version)], factory: metrics).set(1)
        Meter(label: "process_start_time_seconds", factory: metrics).set(Double(time(nil)))
        let process = self
        metrics.beforeRendering { process.report() }
    }

    private func report() {
        var usage = rusage()
        if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            let seconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
            // A counter for its readers, who only know it grows.
            metrics.set("process_cpu_seconds_total", seconds)
        }
        if let pages = Self.words(of: "/proc/self/statm").dropFirst().first {
            metrics.set("process_resident_memory_bytes", Double(pages) * Double(getpagesize()))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            metrics.set("process_max_fds", Double(limit.rlim_cur))
        }
        if let count = Self.openFileCount { metrics.set("process_open_fds", Double(count)) }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The numbers in the first line of a file of the system.
    private static func words(of path: String) -> [Int] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return [] }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.split(separator: " ").compactMap { Int($0) }
    }

    /// The number of open files; nil if the system does not tell.
    private static var openFileCount: Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // The two dots, and this listing.
        return max(0, count - 3)
    }
}
