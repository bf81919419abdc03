import Foundation
import ImageModel
import SystemLibraries

/// Measures `longshore verify` against the rate at which all cores together hash bytes that are already in memory.
struct VerifyBenchmark {
    let scratch: URL
    let scale: Scale

    private static let blobCount = 16

    func run() throws {
        let root = scratch.appending(path: "verify")
        let byteCount = scale.largeByteCount / 4
        let content = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            var state: UInt64 = 7
            for index in buffer.indices {
                if index % 8 == 0 { state = state &* 6_364_136_223_846_793_005 &+ 1 }
                buffer[index] = UInt8(truncatingIfNeeded: state >> UInt64(index % 8 * 8))
            }
            count = byteCount
        }
        for number in 0..<Self.blobCount { try write(content, number, below: root) }
        MeasuredRun.settleDisk()
        var runs: [Double] = []
        let hashing = try rate(of: content)
        for _ in 0..<3 {
            let run = try MeasuredRun(ServerProcess.longshoreProgram, ["verify", "--root", root.path])
            guard run.status == 0, run.output.contains("verified \(Self.blobCount) blobs") else {
                throw MigrationBenchmark.Failure(text: run.output)
            }
            runs.append(Double(byteCount * Self.blobCount) / run.seconds)
        }
        let again = try rate(of: content)
        let best = runs.max() ?? 0
        print("verify reads \(Int(best / 1e6)) MB/s; all cores hash \(Int(hashing / 1e6)) to \(Int(again / 1e6)) MB/s")
        let figure = Figure(
            name: "verify's rate, of that of hashing alone",
            value: best / ((hashing + again) / 2) * 100,
            unit: "%",
            goal: .atLeast(90)
        )
        print(figure.line())
    }

    /// Writes a blob of its own with nearly the same content.
    private func write(_ content: [UInt8], _ number: Int, below root: URL) throws {
        var bytes = content
        bytes[0] = UInt8(number)
        let hex = Digest(.sha256, of: bytes).hex
        let directory = root.appending(path: "docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(bytes).write(to: directory.appending(path: "data"))
    }

    /// The bytes per second that one thread for each core hash together.
    private func rate(of content: [UInt8]) throws -> Double {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let start = ContinuousClock.now
        let threads = (0..<cores).map { _ in
            BenchmarkThread { for _ in 0..<4 { _ = Digest(.sha256, of: content) } }
        }
        for thread in threads { thread.start() }
        for thread in threads { try thread.join() }
        return Double(cores * 4 * content.count) / (start.duration(to: .now) / .seconds(1))
    }
}
