import Foundation
import TestSupport

/// Measures `longshore migrate` on a generated tree: its use of the machine, a second run, and a run in place that is
/// killed three times.
struct MigrationBenchmark {
    private let scratch: URL
    private let size: GeneratedTree.Size
    private let isQuick: Bool
    private let program = ServerProcess.longshoreProgram

    init(scratch: URL, isQuick: Bool) {
        self.scratch = scratch
        self.isQuick = isQuick
        size = Self.size(isQuick: isQuick)
    }

    /// Writes only the tree.
    static func generate(at root: URL, isQuick: Bool) throws {
        let tree = try GeneratedTree(at: root, size(isQuick: isQuick), seed: seed)
        print(
            "\(tree.layerByteCount / 1_000_000) MB, \(tree.soundTags.count) sound tags, \(tree.damages.count) damages"
        )
    }

    private static let seed: UInt64 = 20

    private static func size(isQuick: Bool) -> GeneratedTree.Size {
        isQuick ? .init(imageCount: 200, byteCount: 2_000_000_000) : .init(imageCount: 2000, byteCount: 20_000_000_000)
    }

    func run() throws {
        // The converter is measured, not the disk: a virtual disk costs processor time as well.
        MeasuredRun.emptyPageCache()
        let tree = try GeneratedTree(at: scratch.appending(path: "v1"), size, seed: Self.seed)
        print(
            "\(size.imageCount) images, \(tree.layerByteCount / 1_000_000) MB, \(tree.soundTags.count) sound tags, "
                + "\(tree.damages.count) damages"
        )
        let copy = scratch.appending(path: "in-place").path
        try require(MeasuredRun("/bin/cp", ["-al", tree.root.path, copy]))
        let hashing = try LayerHashing(of: tree.root, byteLimit: isQuick ? 200_000_000 : 1_000_000_000)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        MeasuredRun.settleDisk()
        let before = try OneCore(hashing)
        let first = try migrate(tree.root.path, to: "v2")
        let after = try OneCore(hashing)
        let report = try compare(tree, "v2")
        let second = try migrate(tree.root.path, to: "v2")
        _ = try compare(tree, "v2")
        let rate = Double(report.totals.bytesRead) / first.seconds
        let together = try hashing.rate(threadCount: cores)
        print(
            "one core reads \(before) MB/s before and \(after) behind it, \(cores) cores read \(Int(together / 1e6)) MB/s; "
                + "migrate reads \(Int(rate / 1e6)) MB/s"
        )
        func percentage(_ oneCore: KeyPath<OneCore, Double>) -> Double {
            rate / (Double(cores) * (before[keyPath: oneCore] + after[keyPath: oneCore]) / 2) * 100
        }
        show("throughput, of cores times one core", percentage(\.besideOthers), "%", .atLeast(90))
        show("the same, of one core that works alone", percentage(\.alone), "%", .none)
        show("peak memory", Double(first.peakMegabytes), "MB", .below(150))
        show("a second run, of the first", second.seconds / first.seconds * 100, "%", .below(2))
        try runInPlace(tree, copy, killedAfter: first.seconds / 5)
    }

    /// Converts a copy of the tree, made of links, in place. The run is killed three times.
    private func runInPlace(_ tree: GeneratedTree, _ copy: String, killedAfter seconds: Double) throws {
        let before = try diskUse(of: copy)
        for _ in 0..<3 {
            let run = try MeasuredRun(program, ["migrate", copy, copy], killedAfter: seconds)
            guard run.status == SIGKILL else { throw Failure(text: "it ended before it was killed: \(run.output)") }
        }
        _ = try migrate(copy, to: "in-place")
        _ = try compare(tree, "in-place")
        let isSame = try content(of: "v2") == content(of: "in-place")
        let verdict = Goals.verdict(isSame, reached: "the same", missed: "DIFFERENT")
        print("killed three times: the result is \(verdict)")
        let added = try diskUse(of: copy) - before
        show("in place, disk use added", Double(added) / Double(tree.layerByteCount) * 100, "%", .below(1))
    }

    /// The v2 layout of a result: the size of each file, and the content of links.
    private func content(of name: String) throws -> [String: [String]] {
        let directory = scratch.appending(path: "\(name)/docker/registry/v2")
        var content: [String: [String]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory.path)
        where !path.contains("/.longshore-staging-") {
            let file = directory.appending(path: path)
            let values = try file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
            guard values.isRegularFile == true else { continue }
            let link = path.hasSuffix("/link") ? try String(contentsOf: file, encoding: .utf8) : ""
            content[path] = ["\(values.fileSize ?? 0)", link]
        }
        return content
    }

    private func migrate(_ source: String, to name: String) throws -> MeasuredRun {
        let destination = scratch.appending(path: name).path
        let run = try MeasuredRun(program, ["migrate", source, destination, "--report", "\(destination).json"])
        // The damage is meant to be reported: 1 is the status of a run that has reported it.
        guard run.status == 1 else { throw Failure(text: run.output) }
        return run
    }

    /// Checks that the report lists everything correctly.
    private func compare(_ tree: GeneratedTree, _ name: String) throws -> MigrationReportDocument {
        let report = try MigrationReportDocument(at: scratch.appending(path: "\(name).json").path)
        let deviations = tree.deviations(in: report)
        let verdict = Goals.verdict(deviations.isEmpty, reached: "all right", missed: "\(deviations.count) WRONG")
        print("\(name): \(report.tags.count) tags there, \(report.failedTags.count) not, \(verdict)")
        for deviation in deviations { print("  \(deviation)") }
        return report
    }

    private func show(_ name: String, _ value: Double, _ unit: String, _ goal: Figure.Goal) {
        print(Figure(name: name, value: value, unit: unit, goal: goal).line())
        fflush(nil)
    }

    /// The size in bytes, with each hard-linked file counted once.
    private func diskUse(of path: String) throws -> Int {
        let run = try MeasuredRun("/usr/bin/du", ["-s", "--block-size=1", path])
        return run.output.split(separator: "\t").first.flatMap { Int($0) } ?? 0
    }

    private func require(_ run: MeasuredRun) throws {
        guard run.status == 0 else { throw Failure(text: run.output) }
    }

    /// A program failed unexpectedly.
    struct Failure: Error {
        let text: String
    }
}

/// The speed of one core at reading layers, in bytes per second: with the others as busy as in a migration, and alone,
/// at the higher clock that a processor may then give a core.
private struct OneCore: CustomStringConvertible {
    let besideOthers: Double
    let alone: Double

    init(_ hashing: LayerHashing) throws {
        besideOthers = try hashing.rateBesideBusyCores()
        alone = try hashing.rate(threadCount: 1)
    }

    var description: String { "\(Int(besideOthers / 1e6)) (alone \(Int(alone / 1e6)))" }
}
