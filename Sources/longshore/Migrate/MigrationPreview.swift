import Foundation
import Migration
import NIOPosix
import Storage

/// What is known of a migration before it begins: its ends, what there is to do, how long that takes, and whether there
/// is room for it.
struct MigrationPreview: Sendable {
    let survey: TreeSurvey
    let plan: MigrationPlan
    /// As they are shown.
    let source: String
    let destination: String
    /// The disk that is written to; nil when the destination is served.
    let disk: Disk?
    /// How long it takes, in seconds; nil when that was not found out.
    var estimate: TimeEstimate?
    var estimatedSeconds: Double?

    /// How many bytes are free at the destination, where something is to be copied there.
    var freeByteCount: Int64? { plan.byteCountToCopy > 0 ? disk?.freeByteCount : nil }

    /// Whether there is so much to do that it is worth while to find out beforehand how long that takes.
    var isLong: Bool { disk != nil && plan.toHash.layerCount + survey.tags.count > 500 }

    /// How long it takes, where nothing goes through a network, of which nobody knows how fast it is.
    var dependableSeconds: Double? { plan.toFetch.layerCount + plan.toSend.layerCount == 0 ? estimatedSeconds : nil }

    /// Refuses what the disk cannot hold.
    func checkRoom() throws {
        guard let free = freeByteCount, let disk, free < plan.byteCountToCopy else { return }
        throw NoRoom(directory: disk.directory, free: free, needed: plan.byteCountToCopy)
    }

    /// Finds out how long it takes: by reading a layer in memory, and by making files durable that have no name.
    mutating func measure(jobs: Int, byteRateLimit: Int64?) async throws {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let syncsPerSecond = try await syncsPerSecond()
        let estimate = TimeEstimate.measured(jobs: min(jobs, processors), syncsPerSecond: syncsPerSecond)
        self.estimate = estimate
        estimatedSeconds = estimate.seconds(for: plan, tagCount: survey.tags.count, byteRateLimit: byteRateLimit)
    }

    private static let trialSeconds = 0.3
    private static let trialCount = 8

    private func syncsPerSecond() async throws -> Double? {
        guard let disk else { return nil }
        let deadline = ContinuousClock.now + .seconds(Self.trialSeconds)
        return try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<Self.trialCount {
                group.addTask {
                    try await NIOThreadPool.singleton.runIfActive { disk.syncCount(until: deadline) }
                }
            }
            var sum = 0
            for try await count in group {
                guard let count else { return nil }
                sum += count
            }
            return Double(sum) / Self.trialSeconds
        }
    }
}

/// The destination's disk cannot hold what is to be copied.
struct NoRoom: Error, CustomStringConvertible {
    let directory: String
    let free: Int64
    let needed: Int64

    var description: String {
        "the disk of \(directory) has \(Quantity.bytes(free)) free, and \(Quantity.bytes(needed)) are to be copied: make "
            + "room, choose another destination, or try it with --force"
    }
}

/// No tag fits what was asked for.
struct NothingSelected: Error, CustomStringConvertible {
    let patterns: [String]
    let tagCount: Int

    var description: String {
        "no tag fits --include \(patterns.joined(separator: ", ")): SOURCE has \(tagCount) tags, and a pattern is over "
            + "REPOSITORY:TAG, such as 'team/*' or 'centos:6*'"
    }
}
