import Foundation

/// A run of a program, with its duration and peak memory.
struct MeasuredRun {
    let seconds: Double
    let peakMegabytes: Int
    let status: Int32
    /// Its standard output and standard error.
    let output: String

    /// Flushes earlier writes to disk, so that no measurement waits for them.
    static func settleDisk() { sync() }

    /// Drops the page cache, as only root can: later writes then stay in it as long as they fit.
    static func emptyPageCache() {
        sync()
        do { try Data("1".utf8).write(to: URL(filePath: "/proc/sys/vm/drop_caches")) } catch {
            print("the page cache cannot be emptied (\(error.localizedDescription)): the disk is measured too")
        }
    }

    /// Runs a program to its end, or kills it like a crash.
    init(_ program: String, _ arguments: [String], killedAfter limit: Double = .infinity) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "longshore-output-\(UUID())")
        try Data().write(to: file)
        defer { do { try FileManager.default.removeItem(at: file) } catch {} }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let handle = try FileHandle(forWritingTo: file)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        let start = ContinuousClock.now
        try process.run()
        var peak = 0
        while process.isRunning {
            peak = max(peak, Self.peakMegabytes(of: process.processIdentifier))
            if start.duration(to: .now) / .seconds(1) > limit { kill(process.processIdentifier, SIGKILL) }
            Thread.sleep(forTimeInterval: 0.02)
        }
        process.waitUntilExit()
        seconds = start.duration(to: .now) / .seconds(1)
        peakMegabytes = peak
        status = process.terminationStatus
        output = try String(contentsOf: file, encoding: .utf8)
    }

    /// A process's peak memory so far; 0 after it has ended.
    private static func peakMegabytes(of process: Int32) -> Int {
        guard let status = FileManager.default.contents(atPath: "/proc/\(process)/status") else { return 0 }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }
}
