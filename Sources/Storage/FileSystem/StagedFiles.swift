/// Several new files that are made durable together.
///
/// What fails before the first has its name leaves nothing behind; what fails later discards the rest.
struct StagedFiles {
    private let sharedSync: SharedSync
    private let directories: DirectoryTree
    private var files: [StagedFile] = []

    init(_ sharedSync: SharedSync, _ directories: DirectoryTree) {
        self.sharedSync = sharedSync
        self.directories = directories
    }

    /// Takes one more file, which `stage` makes.
    mutating func add(_ stage: () throws(SystemError) -> StagedFile) throws(SystemError) {
        do {
            files.append(try stage())
        } catch {
            discard(files[...])
            throw error
        }
    }

    /// Makes the bytes of all durable, gives them their names in the order in which they came, and makes those durable.
    func commit() throws(SystemError) {
        let isShared: Bool
        do {
            isShared = try sharedSync.covers(files)
            if isShared, let first = files.first {
                try sharedSync.sync(first.file)
            } else {
                for staged in files { try staged.file.sync() }
            }
        } catch {
            discard(files[...])
            throw error
        }
        let parents = Set(files.map { FilePath.parent(of: $0.destination) })
        try directories.changing(parents) { () throws(SystemError) in
            try rename()
            if isShared, let first = files.first {
                try directories.sync(parents) { () throws(SystemError) in try sharedSync.sync(first.file) }
            } else {
                for parent in parents { try directories.sync(parent) }
            }
        }
    }

    private func rename() throws(SystemError) {
        for (index, staged) in files.enumerated() {
            do {
                try staged.rename()
            } catch {
                discard(files[index...])
                throw error
            }
        }
    }

    private func discard(_ files: ArraySlice<StagedFile>) {
        // The last first: the first made the directories that all are in.
        for staged in files.reversed() { staged.discard() }
    }
}
