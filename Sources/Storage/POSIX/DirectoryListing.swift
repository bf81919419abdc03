import Glibc

/// The names in one directory.
struct DirectoryListing {
    /// One entry. Names that are not UTF-8 are omitted.
    struct Entry {
        let name: String
        /// The entry's type as the directory records it; nil if unrecorded, and for symbolic links.
        let isDirectory: Bool?
    }

    /// The entries except `.` and `..`, unordered.
    let entries: [Entry]

    /// Reads the directory at `path`. A symbolic link is followed if `followsLink`, and is an error otherwise.
    init(of path: String, followsLink: Bool, calls: SystemCalls) throws(SystemError) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW)
        let descriptor = try calls.make(.open, at: path) { open(path, flags) }
        guard let stream = fdopendir(descriptor) else {
            let error = SystemError(call: .readDirectory, code: errno)
            close(descriptor)
            throw error
        }
        defer { closedir(stream) }
        entries = try Self.entries(of: stream, calls: calls)
    }

    private static func entries(of stream: OpaquePointer, calls: SystemCalls) throws(SystemError) -> [Entry] {
        var entries: [Entry] = []
        while true {
            // readdir returns nil both at the end and on failure; only errno distinguishes the two.
            var next: UnsafeMutablePointer<dirent>?
            try calls.make(.readDirectory) { () -> Int32 in
                errno = 0
                next = readdir(stream)
                return next == nil && errno != 0 ? -1 : 0
            }
            guard let next else { return entries }
            guard let name = name(of: next), name != ".", name != ".." else { continue }
            let type = Int(next.pointee.d_type)
            let isKnown = type != Int(DT_UNKNOWN) && type != Int(DT_LNK)
            entries.append(Entry(name: name, isDirectory: isKnown ? type == Int(DT_DIR) : nil))
        }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
        guard let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) else { return nil }
        let bytes = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
        return String(validatingCString: bytes)
    }
}
