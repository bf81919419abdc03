extension ConfigurationEntry {
    /// Sets a key, and makes the mappings that lead to it.
    ///
    /// - Parameter replacing: Whether that also happens when something is there.
    mutating func set(_ path: ArraySlice<String>, _ entry: ConfigurationEntry, replacing: Bool) {
        guard let key = path.first else {
            if replacing || isEmpty { self = entry }
            return
        }
        var child = self[key] ?? ConfigurationEntry(.nothing, entry.origin)
        child.set(path.dropFirst(), entry, replacing: replacing)
        self[key] = child
    }
}
