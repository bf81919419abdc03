import Foundation

/// Measures collections of a large directory: dry runs against those of Debian's docker-registry on the same directory,
/// and pushes beside collections against pushes alone.
struct CollectBenchmark {
    let scratch: URL
    let scale: Scale

    private static let runCount = 3
    private static let clientCount = 8

    private var program: String { ServerProcess.longshoreProgram }

    func run() throws {
        try MissingProgram.require(ServerProcess.dockerRegistryProgram)
        let root = scratch.appending(path: "collect")
        let content = try CollectedContent(at: root, manifestCount: scale.isQuick ? 1_000 : 10_000)
        print("\(content.manifestCount) manifests, \(content.blobCount) blobs, \(content.freeCount) of them free")
        MeasuredRun.settleDisk()
        try compareDryRuns(root, content)
        try measurePushes(root.path)
        try measureWaiting()
    }

    /// Dry runs of both programs in turn. Each of ours reads every manifest: only a collection stores what it learned.
    private func compareDryRuns(_ root: URL, _ content: CollectedContent) throws {
        let configuration = scratch.appending(path: "collect.yml")
        try "{version: 0.1, storage: {filesystem: {rootdirectory: \(root.path)}}}"
            .write(to: configuration, atomically: true, encoding: .utf8)
        let ours = ["garbage-collect", "--dry-run", "--quiet", "--grace", "0s", "--root", root.path]
        var (first, theirs): ([MeasuredRun], [MeasuredRun]) = ([], [])
        for _ in 0..<Self.runCount {
            first.append(try measure(program, ours, content))
            let arguments = ["garbage-collect", "--dry-run", configuration.path]
            theirs.append(try measure(ServerProcess.dockerRegistryProgram, arguments, content))
        }
        // Frees nothing, since everything is young, and stores the references of the manifests.
        let collection = try MeasuredRun(program, ["garbage-collect", "--quiet", "--root", root.path])
        guard collection.status == 0 else { throw MigrationBenchmark.Failure(text: collection.output) }
        let later = try (0..<Self.runCount).map { _ in try measure(program, ours, content) }
        let seconds = first.map(\.seconds).median
        show("dry run that reads every manifest", seconds, "s", .none)
        show("docker-registry's dry run", theirs.map(\.seconds).median, "s", .none)
        show("docker-registry's time, of ours", theirs.map(\.seconds).median / seconds, "x", .atLeast(10))
        show("dry run that reads new manifests alone", later.map(\.seconds).median, "s", .none)
        show("peak memory of a dry run", Double(first.map(\.peakMegabytes).max() ?? 0), "MB", .below(200))
        show("peak memory of a collection", Double(collection.peakMegabytes), "MB", .below(200))
    }

    /// Runs a dry run, and checks that it finds what is free.
    private func measure(_ program: String, _ arguments: [String], _ content: CollectedContent) throws -> MeasuredRun {
        let run = try MeasuredRun(program, arguments)
        guard run.status == 0, run.output.contains("\(content.freeCount) blobs and 0 manifests eligible for deletion")
        else { throw MigrationBenchmark.Failure(text: String(run.output.suffix(1000))) }
        return run
    }

    /// Pushes into the large directory, without collections and beside them in turn.
    private func measurePushes(_ root: String) throws {
        let server = try ServerProcess.longshore(root: root)
        defer { server.stop() }
        var (alone, beside, collectionCount): ([Double], [Double], Int) = ([], [], 0)
        for _ in 0..<Self.runCount {
            alone.append(try pushRate(server))
            let collections = RepeatedCollections(of: root)
            beside.append(try pushRate(server))
            collectionCount += try collections.end()
        }
        print("\(Int(alone.median)) pushes/s alone, \(Int(beside.median)) beside \(collectionCount) collections")
        show("pushes beside collections, of pushes alone", beside.median / alone.median * 100, "%", .atLeast(80))
    }

    /// Pushes to a server that waits for its next collection, and to one that never collects.
    private func measureWaiting() throws {
        let waiting = try ServerProcess.longshore(
            root: scratch.appending(path: "waiting").path,
            environment: ["REGISTRY_STORAGE_MAINTENANCE_COLLECTION_ENABLED": "true"]
        )
        defer { waiting.stop() }
        let other = try ServerProcess.longshore(root: scratch.appending(path: "other").path)
        defer { other.stop() }
        let scenario = Scenario(name: "pushes while none runs", unit: "/s", goal: 0.97, isRepeated: true) {
            try pushRate($0)
        }
        print("with collections enabled, and without:")
        print(scenario.line(try scenario.measure([waiting, other])))
    }

    private func pushRate(_ server: ServerProcess) throws -> Double {
        let port = server.port
        return try scale.rate(of: Self.clientCount) { try SmallImages(port, client: $0).pushNext() }
    }

    private func show(_ name: String, _ value: Double, _ unit: String, _ goal: Figure.Goal) {
        print(Figure(name: name, value: value, unit: unit, goal: goal).line())
    }
}

/// Collections in the server of a directory, one after the other until they are ended.
private struct RepeatedCollections {
    private let runs = Counter()
    private let ends = Counter()
    private let thread: BenchmarkThread

    init(of root: String) {
        thread = BenchmarkThread { [runs, ends] in
            while ends.value == 0 {
                let arguments = ["garbage-collect", "--quiet", "--root", root]
                let run = try MeasuredRun(ServerProcess.longshoreProgram, arguments)
                guard run.status == 0 else { throw MigrationBenchmark.Failure(text: run.output) }
                runs.add()
            }
        }
        thread.start()
    }

    /// Waits for the last collection, and returns their number.
    func end() throws -> Int {
        ends.add()
        try thread.join()
        return runs.value
    }
}
