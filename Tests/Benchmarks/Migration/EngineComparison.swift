import Foundation
import TestSupport

/// Copies the same images between registries, with `longshore migrate` and with an engine that pulls and pushes.
struct EngineComparison {
    let scratch: URL
    let isQuick: Bool

    /// - Throws: ``MissingProgram`` when there is no engine.
    func run() throws {
        try MissingProgram.require("/usr/sbin/dockerd")
        let engine = try Engine(in: scratch.appending(path: "engine"))
        defer { engine.stop() }
        let size = GeneratedTree.Size(imageCount: isQuick ? 40 : 120, byteCount: isQuick ? 300_000_000 : 1_200_000_000)
        let tree = try GeneratedTree(at: scratch.appending(path: "engine-v1"), size, seed: 10)
        let names = tree.soundTags.keys.map { $0.replacing("library/", with: "") }.sorted()
        let old = try ServerProcess.longshore(root: tree.root.path)
        defer { old.stop() }
        let new = try ServerProcess.longshore(root: scratch.appending(path: "engine-v2").path)
        defer { new.stop() }
        // The engine pulls over v2, which converts the images first: do not count that time.
        for name in names { try warm(old, name) }
        MeasuredRun.settleDisk()
        let start = ContinuousClock.now
        for name in names {
            try engine("pull", "127.0.0.1:\(old.port)/\(name)")
            try engine("tag", "127.0.0.1:\(old.port)/\(name)", "127.0.0.1:\(new.port)/engine/\(name)")
            try engine("push", "127.0.0.1:\(new.port)/engine/\(name)")
        }
        let slow = start.duration(to: .now) / .seconds(1)
        let empty = try ServerProcess.longshore(root: scratch.appending(path: "engine-v2-migrated").path)
        defer { empty.stop() }
        let addresses = [old, empty].map { "http://127.0.0.1:\($0.port)" }
        let arguments = ["migrate"] + addresses + ["--work", scratch.appending(path: "work").path]
        MeasuredRun.settleDisk()
        let run = try MeasuredRun(ServerProcess.longshoreProgram, arguments)
        guard run.status == 0 || run.status == 1 else { throw MigrationBenchmark.Failure(text: run.output) }
        let rates = [run.seconds, slow].map { Double(tree.layerByteCount) / $0 / 1e6 }
        print(
            String(
                format: "registry to registry, %d tags: migrate %.0f MB/s, %@ %.0f MB/s",
                names.count,
                rates[0],
                engine.name,
                rates[1]
            )
        )
        print(
            Figure(name: "an engine's time, of migrate's", value: slow / run.seconds, unit: "x", goal: .atLeast(10))
                .line()
        )
    }

    private func warm(_ server: ServerProcess, _ name: String) throws {
        let parts = name.split(separator: ":")
        _ = try BenchmarkSocket(port: server.port).exchange("GET", "/v2/\(parts[0])/manifests/\(parts[1])")
    }
}

/// A separate, empty Docker engine.
private final class Engine {
    let name: String
    private let daemon = Process()
    private let socket: String

    /// Starts one with overlay layers, as engines normally use; where those cannot be mounted, with copies.
    init(in directory: URL) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        socket = "unix://\(directory.path)/docker.sock"
        let driver = ProcessInfo.processInfo.environment["DOCKER_STORAGE_DRIVER"] ?? "overlay2"
        name = "dockerd (\(driver))"
        daemon.executableURL = URL(filePath: "/usr/sbin/dockerd")
        daemon.arguments = [
            "--data-root", "\(directory.path)/data", "--exec-root", "\(directory.path)/exec", "--pidfile",
            "\(directory.path)/docker.pid", "--host", socket, "--storage-driver", driver, "--bridge", "none",
            "--iptables=false", "--ip6tables=false",
        ]
        daemon.environment = ProcessInfo.processInfo.environment.merging(["DOCKER_RAMDISK": "true"]) { $1 }
        daemon.standardOutput = FileHandle.nullDevice
        daemon.standardError = FileHandle.nullDevice
        try daemon.run()
        for _ in 0..<300 where daemon.isRunning {
            if try client(["version"]).status == 0 { return }
            Thread.sleep(forTimeInterval: 0.1)
        }
        stop()
        throw MigrationBenchmark.Failure(text: "dockerd does not answer")
    }

    func callAsFunction(_ arguments: String...) throws {
        let run = try client(arguments)
        guard run.status == 0 else { throw MigrationBenchmark.Failure(text: run.output) }
    }

    func stop() {
        guard daemon.isRunning else { return }
        daemon.terminate()
        daemon.waitUntilExit()
    }

    private func client(_ arguments: [String]) throws -> MeasuredRun {
        try MeasuredRun("/usr/bin/env", ["docker", "--host", socket] + arguments)
    }
}
