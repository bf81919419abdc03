import Foundation
import Migration
import NIOPosix
import Storage

/// A preview of a migration: its source and destination, the work, the time it takes, and whether there is room.
struct MigrationPreview: Sendable {
    let survey: TreeSurvey
    let plan: MigrationPlan
    /// The source and destination as printed.
    let source: String
    let destination: String
    /// The destination's disk; nil when the destination is a registry.
    let disk: Disk?
    /// The measured speeds that the duration is estimated from; nil when not measured.
    var estimate: TimeEstimate?
    var estimatedSeconds: Double?

    /// The free bytes at the destination, if anything is to be copied there.
    var freeByteCount: Int64? { plan.byteCountToCopy > 0 ? disk?.freeByteCount : nil }

    /// Whether there is enough work to make measuring the duration beforehand worthwhile.
    var isLong: Bool { disk != nil && plan.toHash.layerCount + survey.tags.count > 500 }

    /// The estimated duration when no network, of unknown speed, is involved; otherwise nil.
    var dependableSeconds: Double? { plan.toFetch.layerCount + plan.toSend.layerCount == 0 ? estimatedSeconds : nil }

    /// Refuses a migration that does not fit on the disk.
    func checkRoom() throws {
        guard let free = freeByteCount, let disk, free < plan.byteCountToCopy else { return }
        throw NoRoom(directory: disk.directory, free: free, needed: plan.byteCountToCopy)
    }

    /// Estimates the duration by reading a layer in memory and syncing unnamed files.
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

/// The destination's disk has no room for the content to copy.
struct NoRoom: Error, CustomStringConvertible {
    let directory: String
    let free: Int64
    let needed: Int64

    var description: String {
        "the disk of \(directory) has \(Quantity.bytes(free)) free, but \(Quantity.bytes(needed)) must be copied: free "
            + "space, choose another destination, or use --force"
    }
}

/// No tag matches the options.
struct NothingSelected: Error, CustomStringConvertible {
    let patterns: [String]
    let tagCount: Int

    var description: String {
        "no tag matches --include \(patterns.joined(separator: ", ")): SOURCE has \(tagCount) tags; a pattern matches "
            + "REPOSITORY:TAG, such as 'team/*' or 'centos:6*'"
    }
}
