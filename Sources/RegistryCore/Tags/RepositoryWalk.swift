import ImageModel
import Storage

/// A walk over the repositories of the v2 layout, in bytewise order of their names.
///
/// Directory order differs: `a-b` sorts between `a` and `a/b`. So the content of a directory waits until no sibling
/// sorts before it. Waiting directories form a stack, because `a-b/` sorts before `a/`.
struct RepositoryWalk: Sendable {
    let storage: RecentStorage
    let presence: RepositoryPresence
    /// Logs unreadable directories, whose content is left out.
    let damage: DamageLog

    /// The maximum length of a directory's name in bytes.
    private static let nameLimit = 255
    /// The number of directories read ahead of the walk in one step.
    private static let windowSize = 64

    /// The result of reading ahead.
    private struct Window {
        var count = 0
        var lists: [ObjectKey: [ObjectEntry]] = [:]
        var inUse: Set<RepositoryName> = []
    }

    /// Calls `body` with the name of each repository that sorts after `last`, and whether it has a manifest or a tag,
    /// until `body` returns false.
    func visit(after last: String?, _ body: (RepositoryName, Bool) async throws -> Bool) async throws {
        _ = try await visit(below: V2Layout.repositories, path: "", after: last, body)
    }

    private func visit(
        below prefix: ObjectKey,
        path: String,
        after last: String?,
        _ body: (RepositoryName, Bool) async throws -> Bool
    ) async throws -> Bool {
        let entries = try await storage.list(prefix)
        let start = last.flatMap { $0.hasPrefix(path) ? String($0.dropFirst(path.count)) : nil }
        var waiting = start.map { Self.prefixes(of: $0, among: entries) } ?? []
        var rest = start.map { entries[Self.index(after: $0, in: entries)...] } ?? entries[...]
        var window = Window()
        while true {
            if let top = waiting.last, rest.first.map({ Self.areInOrder(top + "/", $0.name) }) ?? true {
                waiting.removeLast()
                let key = prefix.appending(top)
                guard try await visit(below: key, path: "\(path)\(top)/", after: last, body) else { return false }
                continue
            }
            if window.count == 0 {
                window = try await look(ahead: rest.prefix(Self.windowSize), in: prefix, path: path)
            }
            guard let entry = rest.popFirst() else { return true }
            window.count -= 1
            guard entry.isDirectory, !entry.name.hasPrefix(V2Layout.reservedPrefix) else { continue }
            let key = prefix.appending(entry.name)
            var inner = window.lists[key]
            if inner == nil {
                inner = try await damage.unlessDamaged("directory", in: path + entry.name) {
                    try await storage.list(key)
                }
            }
            guard let inner else { continue }
            // Deeper names are too long, and a symbolic link to a parent directory would never end.
            let isNamed = path.utf8.count + entry.name.utf8.count < RepositoryName.maximumLength
            if isNamed, inner.contains(where: { !$0.name.hasPrefix(V2Layout.reservedPrefix) }) {
                waiting.append(entry.name)
            }
            guard inner.contains(where: { $0.name == "_manifests" }) else { continue }
            guard let name = try? RepositoryName(parsing: path + entry.name) else { continue }
            var isInUse = window.inUse.contains(name)
            if !isInUse {
                isInUse =
                    try await damage.unlessDamaged("directory", in: name.description) {
                        try await presence.isInUse(name)
                    } ?? true
            }
            guard try await body(name, isInUse) else { return false }
        }
    }

    private func look(ahead entries: ArraySlice<ObjectEntry>, in prefix: ObjectKey, path: String) async throws -> Window
    {
        let directories = entries.filter { $0.isDirectory && !$0.name.hasPrefix(V2Layout.reservedPrefix) }
        let names = directories.compactMap { try? RepositoryName(parsing: path + $0.name) }
        return Window(
            count: entries.count,
            lists: try await storage.knownLists(directories.map { prefix.appending($0.name) }),
            inUse: try await presence.knownInUse(names)
        )
    }

    /// The directories that sort before `start` but may contain names that sort after it: prefixes of `start`.
    private static func prefixes(of start: String, among entries: [ObjectEntry]) -> [String] {
        // `start` comes from the client and may have any length, but no directory name exceeds this limit.
        start.utf8.indices.dropFirst().prefix(nameLimit).map { String(start[..<$0]) }.filter { prefix in
            (start.hasPrefix(prefix + "/") || areInOrder(start, prefix + "/"))
                && isThere(prefix, among: entries)
        } + (isThere(start, among: entries) ? [start] : [])
    }

    private static func isThere(_ name: String, among entries: [ObjectEntry]) -> Bool {
        let index = index(after: name, in: entries) - 1
        return index >= 0 && entries[index].name == name && entries[index].isDirectory
    }

    /// The index of the first entry that sorts after `name`.
    private static func index(after name: String, in entries: [ObjectEntry]) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if areInOrder(name, entries[middle].name) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func areInOrder(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
