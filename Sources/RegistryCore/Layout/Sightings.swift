import Storage

/// When files were last seen to be what they were: for a moment they need not be looked at again.
///
/// A change that this process makes ends the moment at once. What another process changes beside it is seen when the
/// moment is over.
struct Sightings: Sendable {
    /// Where the files are.
    let storage: any ObjectStorage
    /// How long a look at files is good.
    let validity: Duration

    /// A look at files that begins now.
    func begin() -> Sighting { Sighting(changeCount: storage.changeCount, time: .now) }

    /// Whether what was seen then need not be looked at again.
    func isGood(_ sighting: Sighting) -> Bool {
        storage.changeCount == sighting.changeCount && sighting.time.duration(to: .now) < validity
    }
}

/// The moment in which files were looked at.
struct Sighting: Sendable {
    /// How many changes this process had made before.
    fileprivate let changeCount: Int
    fileprivate let time: ContinuousClock.Instant
}
