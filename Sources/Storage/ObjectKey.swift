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
        let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.allSatisfy({ Self.isComponent(Array($0)) }) else {
            throw MalformedObjectKey(path: String(path))
        }
        self.description = String(path)
    }

    private init(unchecked path: String) { self.description = path }

    /// Appends `path` to this key.
    ///
    /// - Precondition: `path` consists of well-formed components, so it must come from text that was already parsed.
    package func appending(_ path: String) -> ObjectKey {
        precondition(
            path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { Self.isComponent(Array($0.utf8)) }
        )
        return ObjectKey(unchecked: description.isEmpty ? path : "\(description)/\(path)")
    }

    /// Appends one component to this key, or returns nil if it is not well-formed.
    package func appending(untrusted component: String) -> ObjectKey? {
        guard Self.isComponent(Array(component.utf8)), !component.utf8.contains(UInt8(ascii: "/")) else { return nil }
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
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    private static func isComponent(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty && bytes.count <= 255 && bytes != [0x2E] && bytes != [0x2E, 0x2E] && !bytes.contains(0)
    }
}

/// The error for a path that is not a valid ``ObjectKey``.
package struct MalformedObjectKey: Error, Equatable, CustomStringConvertible {
    /// The rejected path.
    package let path: String

    package var description: String { "'\(path)' is not a valid object path" }
}
