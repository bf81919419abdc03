package import ImageModel
import Storage

/// What the rules keep of a repository, and why. It depends on nothing but its parameters.
package struct RetentionJudgement: Sendable, Equatable {
    /// Why a tag is kept or deleted.
    package enum Reason: Sendable, Equatable {
        /// Kept: it is immutable.
        case immutable(ImmutabilityRule)
        /// Kept: what it points to cannot be read.
        case unreadable
        /// Kept: it matches one of the patterns.
        case matches(NamePattern)
        /// Kept: it holds referrers of a manifest, such as signatures, and the repository has that manifest.
        case refers(to: Digest)
        /// Kept: its time cannot be that of a push.
        case unknownAge
        /// Kept: it is one of the tags pushed last.
        case last(Int)
        /// Kept: it is younger than this.
        case younger(Duration)
        /// Deleted: no rule keeps it.
        case unkept

        /// Whether the tag is kept.
        package var isKept: Bool { self != .unkept }
    }

    /// The verdict on a tag.
    package struct Verdict: Sendable, Equatable {
        /// The tag.
        package let entry: RepositoryInventory.TagEntry
        /// Why it is kept or deleted.
        package let reason: Reason
    }

    /// The verdicts, in the order of the tags.
    package let tags: [Verdict]
    /// The untagged manifests to remove, oldest first.
    package let manifests: [RepositoryInventory.ManifestEntry]

    /// A time this far in the future is not that of a push, but of a wrong clock.
    private static let tolerance = Duration.seconds(86_400)

    /// Judges a repository.
    ///
    /// - Parameters:
    ///   - rules: The rules that apply to it. Without one, everything is kept.
    ///   - now: The time, in nanoseconds since 1970.
    package init(_ inventory: RepositoryInventory, by rules: [RetentionRule], now: Int64) {
        let inherent = inventory.tags.map { Self.inherentReason($0, rules, now: now) }
        let counted = zip(inventory.tags, inherent).filter { $1 == nil }.compactMap { $0.0.state?.pushed }
        let newest = counted.sorted(by: >)
        var tags: [Verdict] = []
        for (entry, reason) in zip(inventory.tags, inherent) {
            let pushed = entry.state?.pushed ?? now
            tags.append(Verdict(entry: entry, reason: reason ?? Self.reason(pushed, newest, rules, now: now)))
        }
        self.tags = tags
        manifests = Self.removable(inventory.manifests, beside: tags, by: rules, now: now)
    }

    /// Why a tag is kept whatever its age; nil if its age decides.
    private static func inherentReason(
        _ entry: RepositoryInventory.TagEntry,
        _ rules: [RetentionRule],
        now: Int64
    ) -> Reason? {
        if let rule = entry.protection { return .immutable(rule) }
        guard let state = entry.state else { return .unreadable }
        for pattern in rules.flatMap(\.tags) where pattern.matches(entry.tag.description) { return .matches(pattern) }
        if let subject = entry.subject { return .refers(to: subject) }
        let isPlausible = state.pushed > 0 && state.pushed <= now.clampedAdding(Self.tolerance.nanoseconds)
        return isPlausible ? nil : .unknownAge
    }

    /// - Parameter newest: The times of all tags whose age decides, the latest first. Tags of equal times are kept
    ///   together.
    private static func reason(_ pushed: Int64, _ newest: [Int64], _ rules: [RetentionRule], now: Int64) -> Reason {
        guard !rules.isEmpty else { return .last(newest.count) }
        if let count = rules.compactMap(\.lastCount).max(), count > 0, let oldest = newest.prefix(count).last,
            pushed >= oldest
        {
            return .last(count)
        }
        if let age = rules.compactMap(\.youngerAge).max(), isYoung(pushed, for: age, now: now) { return .younger(age) }
        return .unkept
    }

    private static func isYoung(_ pushed: Int64, for age: Duration, now: Int64) -> Bool {
        WallClock.age(of: pushed, now: now) < age.nanoseconds
    }

    /// The manifests that are old enough, and that no remaining tag needs: neither directly, nor as an entry of an
    /// index, nor because they refer to a kept manifest.
    private static func removable(
        _ manifests: [RepositoryInventory.ManifestEntry],
        beside tags: [Verdict],
        by rules: [RetentionRule],
        now: Int64
    ) -> [RepositoryInventory.ManifestEntry] {
        let ages = rules.compactMap(\.untaggedAge)
        guard let age = ages.max(), ages.count == rules.count else { return [] }
        // What an unreadable tag or manifest needs is unknown.
        guard manifests.allSatisfy({ $0.children != nil }), tags.allSatisfy({ $0.entry.state != nil }) else {
            return []
        }
        let entries = Dictionary(manifests.map { ($0.digest, $0) }) { first, _ in first }
        var referrers: [Digest: [Digest]] = [:]
        for entry in manifests {
            if let subject = entry.subject { referrers[subject, default: []].append(entry.digest) }
        }
        var waiting = manifests.filter { isYoung($0.pushed, for: age, now: now) }.map(\.digest)
        for tag in tags where tag.reason.isKept {
            if case .manifest(let digest)? = tag.entry.state?.target { waiting.append(digest) }
        }
        var living: Set<Digest> = []
        while let digest = waiting.popLast() {
            guard living.insert(digest).inserted else { continue }
            waiting += referrers[digest] ?? []
            waiting += entries[digest]?.children ?? []
        }
        return manifests.filter { !living.contains($0.digest) }.sorted { $0.pushed < $1.pushed }
    }
}
