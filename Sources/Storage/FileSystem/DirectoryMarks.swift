/// What is known of directories, by their paths.
struct DirectoryMarks {
    /// The directories whose own name may not be durable; each making of a directory has a token of its own.
    var tokens: [String: UInt64] = [:]
    var next: UInt64 = 0
    /// How many writers are at work on the names in a directory.
    var writers: [String: Int] = [:]
    /// Those that could not be synced. The system reports that once: a name that was in one then is never again taken
    /// for durable.
    var failed: Set<String> = []
    /// Directories that were there when they were last used, and those above them. One may be gone.
    var seen: Set<String> = []

    /// The most directories that are remembered.
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
