import Foundation

/// Measures this registry and Debian's docker-registry (registry:2 2.8.2) side by side, each over a directory of its own
/// with the same content, and prints the rates and their ratios.
///
/// `swift run -c release Benchmarks [--quick]`, and with `migrate` the converter instead, with `generate DIRECTORY` its tree alone; behind `swift build -c release --product longshore`. Other programs:
/// `LONGSHORE` and `DOCKER_REGISTRY` in the environment; where the directories are made: `TMPDIR`.
@main
struct Benchmarks {
    static func main() throws {
        let isQuick = CommandLine.arguments.contains("--quick")
        if let index = CommandLine.arguments.firstIndex(of: "generate"), index + 1 < CommandLine.arguments.count {
            return try MigrationBenchmark.generate(
                at: URL(filePath: CommandLine.arguments[index + 1]),
                isQuick: isQuick
            )
        }
        let scratch = FileManager.default.temporaryDirectory.appending(path: "longshore-benchmark-\(getpid())")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: scratch) } catch { print("\(scratch.path) is left: \(error)") }
        }
        if CommandLine.arguments.contains("migrate") {
            return try MigrationBenchmark(scratch: scratch, isQuick: isQuick).run()
        }
        let servers = [
            try ServerProcess.longshore(root: scratch.appending(path: "longshore").path),
            try ServerProcess.dockerRegistry(root: scratch.appending(path: "docker-registry").path),
        ]
        defer { for server in servers { server.stop() } }
        let scale = Scale(isQuick: isQuick)
        let content = BenchmarkContent(scale)
        for server in servers {
            print("\(server.name): \(server.residentMegabytes) MB idle")
            try content.push(to: server)
        }
        // What was written a moment ago may be answered more slowly than what is old.
        Thread.sleep(forTimeInterval: 3)
        for scenario in Scenario.all(content, scale) {
            print(scenario.line(try scenario.measure(servers)))
        }
        let diskSeconds = try content.writeLarge(below: scratch.path)
        print(
            "the disk alone: \(Int(Double(scale.largeByteCount) / 1_000_000 / diskSeconds)) MB/s, written and made durable"
        )
        for server in servers { print("\(server.name): \(server.peakMegabytes) MB at most") }
        try UserBenchmarks(scratch: scratch, scale: scale, content: content).run()
        try V1Benchmarks(scratch: scratch, scale: scale).run()
        try EncryptedPull(in: scratch.appending(path: "tls"), scale).run()
    }
}

/// How much is measured.
struct Scale {
    let seconds: Double
    let largeByteCount: Int
    let repositoryCount: Int

    init(isQuick: Bool) {
        seconds = isQuick ? 2 : 8
        largeByteCount = isQuick ? 128 << 20 : 1 << 30
        repositoryCount = isQuick ? 1_000 : 10_000
    }
}
