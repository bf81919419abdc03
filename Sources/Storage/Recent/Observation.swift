/// What objects were when they were looked at.
package struct Observation: Sendable {
    /// The keys of the objects.
    package private(set) var keys: [ObjectKey] = []
    /// What was under each of them.
    package private(set) var attributes: [ObjectAttributes?] = []
    /// Whether every change since then shows in the attributes. An object that was changed shortly before may be changed
    /// again, and have the same time still; and prefixes may have no versions.
    package private(set) var isSettled = true

    /// When they were looked at.
    var moment: ChangeInstant
    /// Where changes of them are marked.
    private(set) var places: [ChangeMarks.Place] = []

    init(_ moment: ChangeInstant) { self.moment = moment }

    /// Adds what was seen of one object.
    mutating func add(_ key: ObjectKey, _ sighting: Sighting) {
        keys.append(key)
        attributes.append(sighting.attributes)
        isSettled = isSettled && sighting.isSettled
        moment.setBack(to: sighting.moment)
        places += ChangeMarks.places(of: key, isObject: sighting.attributes?.kind == .object)
    }

    /// Adds what was seen of others, at another time.
    package mutating func add(_ others: Observation) {
        keys += others.keys
        attributes += others.attributes
        isSettled = isSettled && others.isSettled
        moment.setBack(to: others.moment)
        places += others.places
    }

    /// Names each place once.
    mutating func trim() { places = Array(Set(places)) }
}

/// A moment, by the clock and by the changes that were made before it.
struct ChangeInstant: Sendable {
    /// The number of the last change.
    var changeNumber: UInt64
    /// When it was.
    var time: ContinuousClock.Instant

    /// Makes it the earlier one of the two.
    mutating func setBack(to other: ChangeInstant) {
        changeNumber = min(changeNumber, other.changeNumber)
        time = min(time, other.time)
    }
}

/// What was seen under one key.
struct Sighting: Sendable {
    let attributes: ObjectAttributes?
    let isSettled: Bool
    /// When it was looked at.
    var moment: ChangeInstant
}
