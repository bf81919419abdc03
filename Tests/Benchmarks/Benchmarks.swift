import Foundation

/// Measures this program against others, each on its own directory with the same content, and prints the rates and
/// their ratios.
///
/// `swift run -c release Benchmarks [PART…] [--quick]`, after `swift build -c release --product longshore`. The parts
/// are those of ``Part``; without any, all but the converter are measured. `generate DIRECTORY` only creates the
/// converter's tree. Other programs: `LONGSHORE`, `DOCKER_REGISTRY` and `DOCKER_REGISTRY_PYTHON` in the environment.
/// Directories are created in `TMPDIR`.
///
/// The exit status is nonzero when a goal was missed, or when the program to compare a named part with is missing;
/// unnamed parts are skipped in that case.
@main
struct Benchmarks {
    /// The parts of the benchmark.
    private enum Part: String {
        /// v2, against Debian's docker-registry (registry:2 2.8.2).
        case v2
        /// Pushes of small images and manifests, against the same.
        case push
        /// Pulls with a login on every request, against pulls without users.
        case users
        /// Pulls with metrics, an access log and an audit log, against pulls without.
        case operations
        /// v1, against docker-registry 0.9.1.
        case v1
        /// Encrypted pulls, against nginx.
        case tls
        /// The converter, against its own libraries.
        case migrate
        /// The verification of everything stored, against hashing alone.
        case verify
        /// Collections of a large directory, against docker-registry's, and pushes beside them.
        case collect
        /// The converter from registry to registry, against an engine that pulls and pushes.
        case engine
    }

    static func main() {
        do { try run() } catch { Goals.fail("\(error)") }
        guard Goals.missedCount == 0 else {
            print("\(Goals.missedCount) goals were not reached")
            exit(1)
        }
    }

    private static func run() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let scale = Scale(isQuick: arguments.contains("--quick"))
        if arguments.first == "generate", let directory = arguments.dropFirst().first {
            return try MigrationBenchmark.generate(at: URL(filePath: directory), isQuick: scale.isQuick)
        }
        let named = try arguments.filter { $0 != "--quick" }.map { name in
            guard let part = Part(rawValue: name) else { throw UnknownPart(name: name) }
            return part
        }
        let scratch = FileManager.default.temporaryDirectory.appending(path: "longshore-benchmark-\(getpid())")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: scratch) } catch { print("\(scratch.path) is left: \(error)") }
        }
        for part in named.isEmpty ? [.v2, .push, .users, .operations, .v1, .tls] : named {
            do { try measure(part, scratch, scale) } catch let missing as MissingProgram {
                // A part requested by name must be measured.
                if named.isEmpty { print("SKIPPED: \(part): \(missing)") } else { Goals.fail("\(part): \(missing)") }
            } catch {
                Goals.fail("\(part): \(error)")
            }
        }
    }

    private static func measure(_ part: Part, _ scratch: URL, _ scale: Scale) throws {
        switch part {
        case .v2: try V2Benchmarks(scratch: scratch, scale: scale).run()
        case .push: try PushBenchmarks(scratch: scratch, scale: scale).run()
        case .users: try UserBenchmarks(scratch: scratch, scale: scale, content: BenchmarkContent(scale)).run()
        case .operations:
            let content = BenchmarkContent(scale)
            try OperationsBenchmark(scratch: scratch, scale: scale, content: content).run()
        case .v1: try V1Benchmarks(scratch: scratch, scale: scale).run()
        case .tls: try EncryptedPull(in: scratch.appending(path: "tls"), scale).run()
        case .migrate: try MigrationBenchmark(scratch: scratch, isQuick: scale.isQuick).run()
        case .verify: try VerifyBenchmark(scratch: scratch, scale: scale).run()
        case .collect: try CollectBenchmark(scratch: scratch, scale: scale).run()
        case .engine: try EngineComparison(scratch: scratch, isQuick: scale.isQuick).run()
        }
    }
}

/// An unknown part on the command line.
private struct UnknownPart: Error {
    let name: String
}

/// How much is measured.
struct Scale {
    let isQuick: Bool
    let seconds: Double
    let largeByteCount: Int
    let repositoryCount: Int

    init(isQuick: Bool) {
        self.isQuick = isQuick
        seconds = isQuick ? 2 : 8
        largeByteCount = isQuick ? 128 << 20 : 1 << 30
        repositoryCount = isQuick ? 1_000 : 10_000
    }
}
