package import NIOCore

/// A storage whose objects are files: what cannot be done with objects in general. Migrations alone use it.
package protocol FileStorage: ObjectStorage {
    /// Opens a file for appending: a new one, or one that is there already, at its end.
    ///
    /// It is visible under its own key with the bytes appended so far, and survives a restart of the process, not a loss
    /// of power.
    /// - Parameter isTemporary: Whether it will be gone soon: nothing is done for its bytes to be on the disk early.
    func append(to key: ObjectKey, isTemporary: Bool) async throws(StorageError) -> any FileWriter

    /// Makes the bytes under `source`, in this storage or in another, a file under `destination`, durably.
    ///
    /// What stands under `destination` is kept when it is the very same file, and replaced otherwise.
    /// - Returns: How it was done, and why no cheaper way could be taken.
    func link(_ source: LinkSource, to destination: ObjectKey, allowing policy: LinkPolicy)
        async throws(StorageError) -> LinkOutcome
}

/// A file that grows at its end. Its calls are made one after the other.
package protocol FileWriter: Sendable {
    /// How many bytes it has.
    var byteCount: Int64 { get async }

    /// Adds bytes at the end. On failure the file ends where it ended before.
    func append(_ bytes: ByteBuffer) async throws(StorageError)

    /// Cuts the file to its first `byteCount` bytes.
    func truncate(to byteCount: Int64) async throws(StorageError)

    /// Makes what was appended durable, and the file's name.
    func sync() async throws(StorageError)

    /// Ends writing. The file stays under its key until it is moved or removed.
    func close() async throws(StorageError)
}
