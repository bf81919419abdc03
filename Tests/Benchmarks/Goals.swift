import Synchronization

/// The missed goals, which decide the exit status of a run.
enum Goals {
    private static let missed = Atomic(0)

    /// The number of goals missed so far.
    static var missedCount: Int { missed.load(ordering: .relaxed) }

    /// The word for a goal's result; a missed goal is counted.
    static func verdict(_ isReached: Bool, reached: String = "reached", missed word: String = "MISSED") -> String {
        if !isReached { missed.add(1, ordering: .relaxed) }
        return isReached ? reached : word
    }

    /// Reports something that could not be measured but should have been.
    static func fail(_ sentence: String) {
        missed.add(1, ordering: .relaxed)
        print("FAILED: \(sentence)")
    }
}
