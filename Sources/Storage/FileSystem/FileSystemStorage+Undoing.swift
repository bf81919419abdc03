import Glibc

extension FileSystemStorage {
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
