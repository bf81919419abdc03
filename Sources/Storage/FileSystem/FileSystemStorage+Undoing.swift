import Glibc

extension FileSystemStorage {
    /// Takes back new names that could not be made durable, starting with the last. It stops at the first change that
    /// cannot be undone, so that a leading part of the changes remains.
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
                    // Its directory may have been removed.
                    var remade: [String] = []
                    try directories.making(source, made: &remade) { () throws(SystemError) in
                        try calls.rename(path, to: source)
                    }
                }
                empty += made
            }
        }
        // Innermost directories first, whichever name each was created for.
        directories.unmake(empty.sorted { $0.utf8.count < $1.utf8.count })
    }
}
