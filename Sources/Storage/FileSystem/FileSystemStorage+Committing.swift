import Glibc

extension FileSystemStorage {
    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        for change in batch.changes where change.isWrite { try refuseUnlessWritable(change.key) }
        guard let first = batch.changes.first?.key else { return }
        let isGrouped = groupSync?.isQuick ?? false
        let (steps, isWaiting, progress) = try await onThread(for: first) { [self] () throws(StorageError) in
            let steps = try prepare(batch)
            let isWaiting = try syncBytes(of: steps)
            // Steps that need not wait get their names at once, which saves a job on a thread.
            return (steps, isWaiting, isWaiting ? nil : perform(steps, from: 0, isGrouped: isGrouped))
        }
        if isWaiting, let groupSync {
            do throws(SystemError) { try await groupSync.sync() } catch {
                for file in sources(of: steps) { lostFiles.add(file.status.identity) }
                try await onThread(for: first) { [self] () throws(StorageError) in abandon(steps) }
                throw StorageError(writing: first, error)
            }
        }
        try await makeNames(steps, begun: progress, isGrouped: isGrouped)
    }

    /// Makes the bytes of new and renamed files durable. Returns whether some wait for a sync shared between commits.
    /// On failure, discards the steps.
    private func syncBytes(of steps: [CommitStep]) throws(StorageError) -> Bool {
        var isWaiting = false
        do {
            for step in steps {
                switch step {
                case .name(let staged, let key, _, isDurable: true):
                    let isShared = try blockingWrite(key) { _ throws(SystemError) in try isGrouped(staged) }
                    if isShared { isWaiting = true } else { try sync(staged, key) }
                case .rename(let file, let key, _), .harden(let file, let key):
                    // Bytes written before a failed sync may be lost, and only fsync(2) reports it.
                    let isShared = isGrouped(file.status) && groupSync?.hasFailed == false
                    if isShared, !lostFiles.contains(file.status.identity) {
                        isWaiting = true
                    } else {
                        try sync(file, key)
                    }
                default: break
                }
            }
        } catch {
            abandon(steps)
            throw error
        }
        return isWaiting
    }

    private func sync(_ staged: StagedFile, _ key: ObjectKey) throws(StorageError) {
        try blockingWrite(key) { _ throws(SystemError) in try staged.file.sync() }
    }

    private func sync(_ file: CopySource, _ key: ObjectKey) throws(StorageError) {
        try blockingWrite(key) { _ throws(SystemError) in try lostFiles.sync(file.file.file, file.status.identity) }
    }

    /// The existing files whose bytes the steps make durable.
    private func sources(of steps: [CommitStep]) -> [CopySource] {
        steps.compactMap { step in
            switch step {
            case .rename(let file, _, _), .harden(let file, _): file
            default: nil
            }
        }
    }

    private func isGrouped(_ staged: StagedFile) throws(SystemError) -> Bool {
        guard let groupSync, groupSync.isQuick else { return false }
        return try staged.device() == groupSync.device
    }

    private func isGrouped(_ status: FileStatus) -> Bool {
        groupSync.map { $0.isQuick && $0.device == status.identity.device } ?? false
    }

    /// Discards the prepared steps, and removes files whose bytes are lost, so that clients send them again.
    private func abandon(_ steps: [CommitStep]) {
        discard(steps[...])
        for file in sources(of: steps) where lostFiles.contains(file.status.identity) {
            calls.tidy { () throws(SystemError) in try calls.unlink(file.path) }
            lostFiles.forget(file.status.identity)
        }
    }

    /// Performs the steps in order, and makes the names durable.
    ///
    /// - Parameter begun: The progress already made.
    private func makeNames(
        _ steps: [CommitStep],
        begun: CommitProgress?,
        isGrouped: Bool
    ) async throws(StorageError) {
        var begun = begun
        var next = 0
        while next < steps.count {
            let (key, start) = (steps[next].key, next)
            let progress: CommitProgress
            if let known = begun.take() {
                progress = known
            } else {
                progress = try await onThread(for: key) { [self] () throws(StorageError) in
                    perform(steps, from: start, isGrouped: isGrouped)
                }
            }
            var failure = progress.error
            if let error = await syncNames(progress, isGrouped: isGrouped, key), failure == nil { failure = error }
            if failure == nil, progress.needsCopy {
                do { try await copy(steps[progress.next]) } catch { failure = error }
            }
            if let failure {
                try await onThread(for: key) { [self] () throws(StorageError) in discard(steps[progress.next...]) }
                throw failure
            }
            next = progress.needsCopy ? progress.next + 1 : progress.next
        }
    }

    /// Makes the completed steps durable. On failure, takes back new names.
    private func syncNames(_ progress: CommitProgress, isGrouped: Bool, _ key: ObjectKey) async -> StorageError? {
        let all = progress.changed.union(progress.pending)
        guard !all.isEmpty else { return nil }
        let shared = isGrouped ? all.subtracting(progress.foreign) : []
        let alone = all.subtracting(shared)
        do {
            if !shared.isEmpty { try await syncTogether(shared, key) }
            if !alone.isEmpty {
                try await onThread(for: key) { [self] () throws(StorageError) in
                    try blockingWrite(key) { _ throws(SystemError) in
                        // If a directory does not exist, there are no names to lose.
                        for path in alone.sorted() {
                            _ = try calls.absent { () throws(SystemError) in try directories.sync(path) }
                        }
                    }
                }
            }
            directories.leave(progress.changed)
            return nil
        } catch {
            do {
                try await onThread(for: key) { [self] () throws(StorageError) in undo(progress) }
            } catch {}
            directories.leave(progress.changed)
            return error
        }
    }

    private func syncTogether(_ paths: Set<String>, _ key: ObjectKey) async throws(StorageError) {
        guard let groupSync else { return }
        let marks = directories.marks(of: paths)
        do throws(SystemError) { try await groupSync.sync() } catch {
            directories.fail(paths)
            throw StorageError(writing: key, error)
        }
        directories.forget(marks)
    }

    /// Performs a step that needs more than a name.
    private func copy(_ step: CommitStep) async throws(StorageError) {
        switch step {
        case .rename(let file, let destination, _):
            let (staged, _) = try await FileCopy(source: file, storage: self).stage(for: destination)
            try await writing(destination) { _ throws(SystemError) in try staged.commit() }
            try await writing(file.key) { [self] path throws(SystemError) in
                let parent = FilePath.parent(of: path)
                try directories.changing([parent]) { () throws(SystemError) in
                    _ = try calls.absent { () throws(SystemError) in try calls.unlink(path) }
                    try directories.sync(parent)
                }
            }
        case .link(let source, _, let destination, _):
            let link = FileLink(
                source: LinkSource(source, in: self),
                origin: self,
                destination: destination,
                storage: self
            )
            _ = try await link.make(allowing: .hardLink)
        case .name, .keep, .harden, .require, .remove, .prune, .discard: break
        }
    }
}
