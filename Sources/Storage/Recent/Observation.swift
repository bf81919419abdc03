/// The observed state of some objects.
package struct Observation: Sendable {
    /// The keys of the objects.
    package private(set) var keys: [ObjectKey] = []
    /// The attributes of each.
    package private(set) var attributes: [ObjectAttributes?] = []
    /// Whether every later change would show in the attributes. It does not if an object changed shortly before,
    /// because a further change may leave the same timestamp, or if prefixes have no versions.
    package private(set) var isSettled = true

    /// The time of observation.
    var moment: ChangeInstant
    /// The slots where changes to them are recorded.
    private(set) var places: [ChangeMarks.Place] = []

    init(_ moment: ChangeInstant) { self.moment = moment }

    /// Adds what was observed of one object.
    mutating func add(_ key: ObjectKey, _ sighting: Sighting) {
        keys.append(key)
        attributes.append(sighting.attributes)
        isSettled = isSettled && sighting.isSettled
        moment.setBack(to: sighting.moment)
        places += ChangeMarks.places(of: key, isObject: sighting.attributes?.kind == .object)
    }

    /// Adds another observation, possibly made at another time.
    package mutating func add(_ others: Observation) {
        keys += others.keys
        attributes += others.attributes
        isSettled = isSettled && others.isSettled
        moment.setBack(to: others.moment)
        places += others.places
    }

    /// Removes duplicate places.
    mutating func trim() { places = Array(Set(places)) }
}

/// A point in time, by the clock and by change number.
struct ChangeInstant: Sendable {
    /// The number of the last change.
    var changeNumber: UInt64
    /// The time.
    var time: ContinuousClock.Instant

    /// Sets this to the earlier of the two.
    mutating func setBack(to other: ChangeInstant) {
        changeNumber = min(changeNumber, other.changeNumber)
        time = min(time, other.time)
    }
}

/// The observed state of one key.
struct Sighting: Sendable {
    let attributes: ObjectAttributes?
    let isSettled: Bool
    /// The time of observation.
    var moment: ChangeInstant
}
