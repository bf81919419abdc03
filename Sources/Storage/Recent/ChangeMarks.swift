import Synchronization

/// Which keys were changed lately: the number of the last change of each, kept for many keys at one place.
///
/// So a change may count for a key that it has nothing to do with, and never fails to count for one that it touches.
final class ChangeMarks: Sendable {
    /// Where changes are marked: of an object, of the names below a prefix, or of all that is below it.
    typealias Place = UInt32

    private static let objectCount = 1 << 16
    private static let treeCount = 1 << 15
    private static let directoryCount = 1 << 16

    private let lastNumber = Atomic<UInt64>(0)
    private let numbers = Mutex([UInt64](repeating: 0, count: objectCount + treeCount + directoryCount))

    /// The number of the last change.
    var number: UInt64 { lastNumber.load(ordering: .acquiring) }

    /// Where changes are marked that concern who looks at a key.
    ///
    /// - Parameter isObject: Whether an object is there: what comes or goes below it does not concern it then.
    static func places(of key: ObjectKey, isObject: Bool) -> [Place] {
        var places: [Place] = []
        var last = 0
        forEachPrefix(of: key) { hash in
            places.append(tree(hash))
            last = hash
        }
        places.append(object(last))
        if !isObject { places.append(directory(last)) }
        return places
    }

    /// Whether nothing was changed at any of these places since change `number`, which then becomes the last one.
    func isUnchanged(_ places: [Place], since number: inout UInt64) -> Bool {
        let last = self.number
        if last == number { return true }
        let isUnchanged = numbers.withLock { numbers in places.allSatisfy { numbers[Int($0)] <= number } }
        if isUnchanged { number = last }
        return isUnchanged
    }

    /// Marks changes of objects, and the removal of all that is below some prefixes.
    func note(_ objects: [ObjectKey], removed prefixes: [ObjectKey] = []) {
        var places: Set<Place> = []
        for key in objects + prefixes {
            var last = 0
            Self.forEachPrefix(of: key) { hash in
                places.insert(Self.directory(hash))
                last = hash
            }
            places.insert(Self.object(last))
        }
        for key in prefixes {
            var last = 0
            Self.forEachPrefix(of: key) { last = $0 }
            places.insert(Self.tree(last))
        }
        numbers.withLock { numbers in
            let number = lastNumber.load(ordering: .relaxed) &+ 1
            for place in places { numbers[Int(place)] = number }
            lastNumber.store(number, ordering: .releasing)
        }
    }

    private static func object(_ hash: Int) -> Place { Place(hash & (objectCount - 1)) }
    private static func tree(_ hash: Int) -> Place { Place(objectCount + hash & (treeCount - 1)) }
    private static func directory(_ hash: Int) -> Place {
        Place(objectCount + treeCount + hash & (directoryCount - 1))
    }

    /// Calls `body` with a hash of each key that is a prefix of this one: the root first, the key itself last.
    private static func forEachPrefix(of key: ObjectKey, _ body: (Int) -> Void) {
        var hasher = Hasher()
        body(hash(hasher))
        guard key != .root else { return }
        var path = key.description
        path.withUTF8 { bytes in
            var start = bytes.startIndex
            for index in bytes.indices where bytes[index] == UInt8(ascii: "/") {
                hasher.combine(bytes: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<index])))
                body(hash(hasher))
                start = index
            }
            hasher.combine(bytes: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start...])))
            body(hash(hasher))
        }
    }

    private static func hash(_ hasher: Hasher) -> Int { hasher.finalize() }
}
