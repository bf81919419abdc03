/// What is known about directories, by path.
struct DirectoryMarks {
    /// Directories whose own names may not be durable. Each creation of a directory gets a new token.
    var tokens: [String: UInt64] = [:]
    var next: UInt64 = 0
    /// The number of writers changing names in each directory.
    var writers: [String: Int] = [:]
    /// Directories that failed to sync. The kernel reports such a failure only once, so their names never count as
    /// durable again.
    var failed: Set<String> = []
    /// Directories that existed when they were last used, including their parents. They may have been removed since.
    var seen: Set<String> = []

    /// The maximum number of remembered directories.
    static let seenLimit = 16_384

    mutating func see(_ path: String) {
        if seen.count >= Self.seenLimit { seen.removeAll() }
        var path = path
        while seen.insert(path).inserted, path != FilePath.parent(of: path) { path = FilePath.parent(of: path) }
    }

    mutating func mark(_ path: String) {
        next += 1
        tokens[path] = next
    }
}
