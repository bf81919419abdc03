import Glibc
package import NIOCore

extension FileSystemStorage {
    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await reading(key) { [self] path throws(SystemError) in try attributes(at: path) }
    }

    package func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        let paths = keys.map(path)
        return try await reading(keys.first ?? .root) { [self] _ throws(SystemError) in
            var all: [ObjectAttributes?] = []
            all.reserveCapacity(paths.count)
            var lookedFor: [String: Bool] = [:]
            for path in paths {
                let parent = FilePath.parent(of: path)
                // If a directory is missing, skips the rest of its files.
                if lookedFor[parent] == false {
                    all.append(nil)
                    continue
                }
                let attributes = try attributes(at: path)
                all.append(attributes)
                if attributes == nil, paths.count > 2, lookedFor[parent] == nil {
                    lookedFor[parent] = try calls.statusWithoutFollowing(parent) != nil
                }
            }
            return all
        }
    }

    private func attributes(at path: String) throws(SystemError) -> ObjectAttributes? {
        guard let status = try calls.statusWithoutFollowing(path) else { return nil }
        guard status.isSymbolicLink else { return status.attributes }
        do throws(SystemError) {
            // A dangling symbolic link exists too.
            return try calls.status(of: path)?.attributes ?? status.attributes
        } catch let error where error.code == ELOOP {
            return status.attributes
        }
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        let bytes = try await reading(key) { [self] path throws(SystemError) in try readFile(path, limit: limit) }
        switch bytes {
        case nil: return nil
        case .bytes(let buffer): return buffer
        case .tooLarge(let byteCount): throw .tooLarge(key, byteCount: byteCount, limit: limit)
        }
    }

    package func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?] {
        try await onThread(for: keys.first ?? .root) { [self] () throws(StorageError) in
            var buffers: [ByteBuffer?] = []
            for key in keys {
                switch try blockingRead(key, { path throws(SystemError) in try readFile(path, limit: limit) }) {
                case nil: buffers.append(nil)
                case .bytes(let buffer): buffers.append(buffer)
                case .tooLarge(let byteCount): throw .tooLarge(key, byteCount: byteCount, limit: limit)
                }
            }
            return buffers
        }
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        try await reading(key) { [self] path throws(SystemError) in
            try openFile(path).map { FileSystemReader($0, key: key, storage: self) }
        }
    }

    package func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject
    {
        let objectPath = path(of: key)
        let (bytes, opened) = try await reading(link) { [self] path throws(SystemError) in
            let bytes = try readFile(path, limit: LinkedObject.linkLimit)
            guard bytes != nil, let opened = try openFile(objectPath) else { return (bytes, nil as PrefetchedFile?) }
            let isSmall = opened.status.byteCount <= Int64(prefetch)
            let content = isSmall ? try opened.file.read(at: 0, byteCount: Int(opened.status.byteCount)) : nil
            return (bytes, PrefetchedFile(file: opened, content: content))
        }
        switch bytes {
        case nil: return LinkedObject(link: nil, object: nil)
        case .tooLarge(let byteCount): throw .tooLarge(link, byteCount: byteCount, limit: LinkedObject.linkLimit)
        case .bytes(let bytes):
            let reader = opened.map { FileSystemReader($0.file, content: $0.content, key: key, storage: self) }
            return LinkedObject(link: bytes, object: reader)
        }
    }

    package func list(
        _ prefix: ObjectKey,
        after name: String?,
        limit: Int
    ) async throws(StorageError) -> [ObjectEntry] {
        try await reading(prefix) { [self] path throws(SystemError) in
            let listing = try calls.absent { () throws(SystemError) in
                try DirectoryListing(of: path, followsLink: true, calls: calls)
            }
            guard let listing else { return [] }
            let page = listing.page(after: name, limit: limit)
            var entries: [ObjectEntry] = []
            for entry in page {
                entries.append(ObjectEntry(name: entry.name, isDirectory: try isDirectory(entry, in: path)))
            }
            return entries
        }
    }

    enum WholeObject: Sendable {
        case bytes(ByteBuffer)
        case tooLarge(Int64)
    }

    /// An open file and, if it is small, its content.
    private struct PrefetchedFile: Sendable {
        let file: OpenedFile
        let content: ByteBuffer?
    }

    func readFile(_ path: String, limit: Int) throws(SystemError) -> WholeObject? {
        guard let opened = try openFile(path) else { return nil }
        let byteCount = opened.status.byteCount
        guard byteCount <= Int64(limit) else { return .tooLarge(byteCount) }
        return .bytes(try opened.file.read(at: 0, byteCount: Int(byteCount)))
    }

    /// Opens the file at `path`; returns nil if there is none, and fails if it is not a file.
    func openFile(_ path: String) throws(SystemError) -> OpenedFile? {
        try calls.absent { () throws(SystemError) in
            // O_NONBLOCK: opening a named pipe must not wait for its other end.
            let file = try calls.open(path, O_RDONLY | O_NONBLOCK)
            let status = try file.status()
            switch status.kind {
            case .object: return OpenedFile(file, status: status)
            case .directory: throw SystemError(call: .open, code: EISDIR)
            case .other: throw SystemError(call: .open, code: EINVAL)
            }
        }
    }

    private func isDirectory(_ entry: DirectoryListing.Entry, in path: String) throws(SystemError) -> Bool {
        if let isDirectory = entry.isDirectory { return isDirectory }
        do {
            return try calls.status(of: FilePath.join(path, entry.name))?.kind == .directory
        } catch let error where error.code == ELOOP || error.code == EACCES {
            return false
        }
    }
}

extension DirectoryListing {
    /// The first `limit` names after `name` in byte order, without staging files.
    func page(after name: String?, limit: Int) -> ArraySlice<Entry> {
        var page = entries.filter { !StagingName.isStaging($0.name) }
        if let name { page.removeAll { !name.precedes($0.name) } }
        page.sort { $0.name.precedes($1.name) }
        return page.prefix(max(0, limit))
    }
}
