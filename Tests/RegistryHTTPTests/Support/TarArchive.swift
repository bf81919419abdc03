import SystemLibraries

/// The files of an archive, in memory.
struct TarArchive {
    /// The files' bytes by their names.
    private(set) var files: [String: [UInt8]] = [:]

    /// Reads a compressed archive.
    init(gzip archive: [UInt8]) throws {
        var decompressor = try Decompressor(.gzip)
        var entries = TarEntryReader()
        var current: (name: String, bytes: [UInt8])?
        var files: [String: [UInt8]] = [:]
        try archive.withUnsafeBytes { bytes in
            try decompressor.decompress(bytes) { tar in
                try entries.read(tar) { event in
                    switch event {
                    case .entry(let entry): current = (String(decoding: entry.name, as: UTF8.self), [])
                    case .content(let bytes): current?.bytes += bytes
                    case .end:
                        if let current { files[current.name] = current.bytes }
                    }
                }
            }
        }
        self.files = files
    }
}
