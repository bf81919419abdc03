import Glibc

/// The name of an object: a relative path such as `images/ID/json`.
///
/// A component is never empty, `.` or `..`, and contains no NUL byte, so a key cannot leave its storage's root.
package struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The whole path, without a leading or trailing slash; empty for the root itself.
    package let description: String

    /// The root of a storage: the prefix of every key.
    package static let root = ObjectKey(unchecked: "")

    /// Parses an untrusted path.
    ///
    /// - Throws: ``MalformedObjectKey`` for a path with an empty, `.` or `..` component, a NUL byte,
    ///   or a component over 255 bytes.
    package init(validating path: some StringProtocol) throws(MalformedObjectKey) {
        guard Self.isWellFormed(path) else { throw MalformedObjectKey(path: String(path)) }
        self.description = String(path)
    }

    private init(unchecked path: String) { self.description = path }

    /// Appends `path` to this key.
    ///
    /// - Precondition: `path` consists of well-formed components, so it must come from text that was already parsed.
    package func appending(_ path: String) -> ObjectKey {
        precondition(Self.isWellFormed(path))
        return ObjectKey(unchecked: description.isEmpty ? path : "\(description)/\(path)")
    }

    /// Appends one component to this key, or returns nil if it is not well-formed.
    package func appending(untrusted component: String) -> ObjectKey? {
        guard Self.isWellFormed(component), !component.utf8.contains(UInt8(ascii: "/")) else { return nil }
        return ObjectKey(unchecked: description.isEmpty ? component : "\(description)/\(component)")
    }

    /// The key without its last component; the root if there is only one component or none.
    package var parent: ObjectKey {
        guard let slash = description.utf8.lastIndex(of: UInt8(ascii: "/")) else { return .root }
        return ObjectKey(unchecked: String(description[..<slash]))
    }

    /// Whether the key is below the directory `prefix`.
    func isBelow(_ prefix: ObjectKey) -> Bool {
        prefix == .root ? self != .root : description.hasPrefix(prefix.description + "/")
    }

    /// The last component; empty for the root.
    package var name: String {
        guard let slash = description.utf8.lastIndex(of: UInt8(ascii: "/")) else { return description }
        return String(description[description.utf8.index(after: slash)...])
    }

    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.description.precedes(right.description)
    }

    /// Whether every component of a path is well-formed. One pass without a copy: every look at a file makes keys.
    private static func isWellFormed(_ path: some StringProtocol) -> Bool {
        path.utf8.withContiguousStorageIfAvailable(isWellFormed)
            ?? Array(path.utf8).withUnsafeBufferPointer(isWellFormed)
    }

    private static func isWellFormed(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        var byteCount = 0
        var isDots = true
        for byte in path {
            switch byte {
            case 0: return false
            case UInt8(ascii: "/"):
                guard isComponent(byteCount, isDots: isDots) else { return false }
                (byteCount, isDots) = (0, true)
            default:
                byteCount += 1
                isDots = isDots && byte == UInt8(ascii: ".")
            }
        }
        return isComponent(byteCount, isDots: isDots)
    }

    private static func isComponent(_ byteCount: Int, isDots: Bool) -> Bool {
        (1...255).contains(byteCount) && !(isDots && byteCount <= 2)
    }
}

extension String {
    /// Whether the text comes before another in the order of their UTF-8 bytes.
    func precedes(_ other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard let start = left.baseAddress, let otherStart = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(start, otherStart, min(left.count, right.count))
                return order == 0 ? left.count < right.count : order < 0
            }
        }
    }
}

/// The error for a path that is not a valid ``ObjectKey``.
package struct MalformedObjectKey: Error, Equatable, CustomStringConvertible {
    /// The rejected path.
    package let path: String

    package var description: String { "'\(path)' is not a valid object path" }
}
