/// The right to be the one who does something, for as long as it is held: so that work is not done twice. Nothing may be
/// lost where two believe that they hold it.
///
/// It ends when it is released, when the last reference to it is gone, and when the process ends, however it ends.
package protocol StorageLease: Sendable {
    /// Whose turn it is: every holder of this lease has a larger number than those before, also after a restart.
    var term: UInt64 { get }

    /// Gives the lease back. A second time it does nothing.
    func release() async throws(StorageError)
}
