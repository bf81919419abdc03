import Foundation

/// The storage of a docker-registry, as that wrote it long ago.
struct GoldenTree {
    /// Where `testdata` is.
    static let testdata = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "testdata")

    let path: String

    /// Unpacks the tree `name` of `testdata/v1/trees.tar.gz` into `directory`. Its files are years old.
    init(_ name: String, in directory: TemporaryDirectory) async throws {
        path = directory.path(name)
        try await Self.unpack("trees.tar.gz", ["./\(name)"], in: directory.path)
    }

    /// Unpacks the chains of which engines' configurations are known, a repository `golden/CASE` each.
    static func engines(in directory: TemporaryDirectory) async throws -> String {
        let path = try directory.makeDirectory("engines")
        try await unpack("engines.tar.gz", [], in: path)
        return path
    }

    /// A file of `testdata`.
    static func bytes(_ name: String) throws -> Data { try Data(contentsOf: testdata.appending(path: name)) }

    private static func unpack(_ archive: String, _ members: [String], in path: String) async throws {
        let arguments = ["-xzf", testdata.appending(path: "v1/\(archive)").path, "-C", path, "--no-same-owner"]
        _ = try await Program("tar").run(arguments + members).succeeded()
        let old = ["-exec", "touch", "-d", "2016-02-01T12:00:00Z", "{}", "+"]
        _ = try await Program("find").run([path, "-name", "layer"] + old).succeeded()
    }
}
