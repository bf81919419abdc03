/// An open file, and what it was when it was opened; closed when the last reference to it is gone.
final class FileInUse: Sendable {
    /// The file itself.
    let file: OpenFile
    /// Its status when it was opened.
    let status: FileStatus

    init(_ file: consuming OpenFile, status: FileStatus) {
        self.file = file
        self.status = status
    }
}
