import Synchronization

/// Which goals were not reached: what a run of the benchmarks ends with.
enum Goals {
    private static let missed = Atomic(0)

    /// How many were not reached so far.
    static var missedCount: Int { missed.load(ordering: .relaxed) }

    /// The word for a goal, which is counted when it was not reached.
    static func verdict(_ isReached: Bool, reached: String = "reached", missed word: String = "MISSED") -> String {
        if !isReached { missed.add(1, ordering: .relaxed) }
        return isReached ? reached : word
    }

    /// Says that something could not be measured that should have been.
    static func fail(_ sentence: String) {
        missed.add(1, ordering: .relaxed)
        print("FAILED: \(sentence)")
    }
}
