import Foundation

/// A new directory for one test.
struct TemporaryDirectory {
    let path: String

    init() throws {
        // Short, since sockets and podman do not support long paths.
        path = FileManager.default.temporaryDirectory.appending(path: "longshore-\(UUID().uuidString.prefix(13))").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of `name` in it.
    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Creates the directory `name` in it and returns its path.
    @discardableResult
    func makeDirectory(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }

    /// Writes a file in it and returns its path.
    @discardableResult
    func write(_ bytes: Data, to name: String) throws -> String {
        try bytes.write(to: URL(filePath: path(name)))
        return path(name)
    }

    /// Removes it and everything below. Failures are left to the system, which clears such directories.
    func remove() { do { try FileManager.default.removeItem(atPath: path) } catch {} }
}

/// Runs `body` with a new directory, which is removed afterwards.
func withTemporaryDirectory<Value>(_ body: (TemporaryDirectory) async throws -> Value) async throws -> Value {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    return try await body(directory)
}
