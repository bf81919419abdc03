/// What a commit has made of its steps so far.
struct CommitProgress: Sendable {
    /// How a name is taken back, should it not become durable.
    enum Undo: Sendable {
        /// What stood there is gone.
        case never
        case withdraw(StagedFile)
        case unlink(String, made: [String])
        case rename(String, to: String, made: [String])
    }

    /// The first step that is not done.
    var next: Int
    /// The directories in which names were made or removed and are not durable yet.
    var changed: Set<String> = []
    /// The directories in which names must be durable that another writer has made or removed, and is not done with.
    var pending: Set<String> = []
    /// Those of both that are on another file system than the root.
    var foreign: Set<String> = []
    /// The names in the order in which they were made or removed.
    var undo: [Undo] = []
    /// Why the next step could not be done; nil when it can be done in another way, and when there is none.
    var error: StorageError?
    /// Whether the next step cannot be done by a name alone: its bytes have to be copied.
    var needsCopy = false
}
