import ImageModel
import Storage

/// A walk over the repositories of the v2 layout in the order of their names' bytes.
///
/// That is not the order of directories: `a-b` stands between `a` and `a/b`. So what is below a directory waits until
/// no neighbour comes before it; those that wait are a stack, as `a-b/` comes before `a/`.
struct RepositoryWalk: Sendable {
    let storage: RecentStorage
    let presence: RepositoryPresence
    /// Where directories are named that cannot be read: what is in them is left out.
    let damage: DamageLog

    /// How many bytes the name of a directory has at most.
    private static let nameLimit = 255
    /// How many directories are looked at in one step, ahead of the walk.
    private static let windowSize = 64

    /// What a look ahead has shown.
    private struct Window {
        var count = 0
        var lists: [ObjectKey: [ObjectEntry]] = [:]
        var inUse: Set<RepositoryName> = []
    }

    /// Calls `body` with each name after `last` under which there is a repository, and whether that has a manifest or a
    /// tag, until it answers false.
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
            // What is deeper has no name: a symbolic link may lead to a directory above it.
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

    /// The directories that come before `start` with something below them that may come after it: their names are
    /// beginnings of it.
    private static func prefixes(of start: String, among entries: [ObjectEntry]) -> [String] {
        // `start` is as long as whoever asks likes; no name of a directory is longer than this.
        start.utf8.indices.dropFirst().prefix(nameLimit).map { String(start[..<$0]) }.filter { prefix in
            (start.hasPrefix(prefix + "/") || areInOrder(start, prefix + "/"))
                && isThere(prefix, among: entries)
        } + (isThere(start, among: entries) ? [start] : [])
    }

    private static func isThere(_ name: String, among entries: [ObjectEntry]) -> Bool {
        let index = index(after: name, in: entries) - 1
        return index >= 0 && entries[index].name == name && entries[index].isDirectory
    }

    /// The place of the first name after `name`.
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
