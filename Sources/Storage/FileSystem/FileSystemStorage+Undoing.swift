import Glibc

extension FileSystemStorage {
    /// Removes what is at `path`, were it a tree. What comes there meanwhile stays.
    func discard(_ path: String) throws(SystemError) {
        do {
            try calls.unlink(path)
        } catch let error where error.isAbsence {
            return
        } catch let error where error.code == EISDIR {
            for directory in try removeFiles(in: path) { try discard(directory) }
            do {
                try directories.remove(path)
            } catch let error where error.isAbsence || error.code == ENOTEMPTY {}
        }
    }

    /// Takes the new names back that could not be made durable, the last first, up to one that cannot be: what is left
    /// are the first of them.
    func undo(_ progress: CommitProgress) {
        var empty: [String] = []
        undoing: for undo in progress.undo.reversed() {
            switch undo {
            case .never: break undoing
            case .withdraw(let staged): empty += staged.withdraw()
            case .unlink(let path, let made):
                calls.tidy { () throws(SystemError) in try calls.unlink(path) }
                empty += made
            case .rename(let path, let source, let made):
                calls.tidy { () throws(SystemError) in
                    // Its directory may have been discarded.
                    var remade: [String] = []
                    try directories.making(source, made: &remade) { () throws(SystemError) in
                        try calls.rename(path, to: source)
                    }
                }
                empty += made
            }
        }
        // The innermost first, whichever name each was made for.
        directories.unmake(empty.sorted { $0.utf8.count < $1.utf8.count })
    }
}
