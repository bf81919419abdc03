import Synchronization

/// The number of the last change to each key, hashed into a fixed table.
///
/// Collisions may mark a key as changed that was not, but a real change is never missed.
final class ChangeMarks: Sendable {
    /// A slot that records changes to an object, to the names below a prefix, or to everything below it.
    typealias Place = UInt32

    private static let objectCount = 1 << 16
    private static let treeCount = 1 << 15
    private static let directoryCount = 1 << 16

    private let lastNumber = Atomic<UInt64>(0)
    private let numbers = Mutex([UInt64](repeating: 0, count: objectCount + treeCount + directoryCount))

    /// The number of the last change.
    var number: UInt64 { lastNumber.load(ordering: .acquiring) }

    /// The slots with changes that matter to a reader of `key`.
    ///
    /// - Parameter isObject: Whether an object exists there: names that appear or disappear below it are then
    ///   irrelevant.
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

    /// Whether nothing changed in these slots since change `number`. If so, advances `number` to the last change.
    func isUnchanged(_ places: [Place], since number: inout UInt64) -> Bool {
        let last = self.number
        if last == number { return true }
        let isUnchanged = numbers.withLock { numbers in places.allSatisfy { numbers[Int($0)] <= number } }
        if isUnchanged { number = last }
        return isUnchanged
    }

    /// Records changes to objects and the removal of everything below some prefixes.
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

    /// Calls `body` with a hash of each prefix of this key, from the root to the key itself.
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
