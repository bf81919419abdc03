import Foundation

/// The storage of a docker-registry, written by it long ago.
struct GoldenTree {
    /// The directory `testdata`.
    static let testdata = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "testdata")

    let path: String

    /// Unpacks the tree `name` from `testdata/v1/trees.tar.gz` into `directory`. Its files are years old.
    init(_ name: String, in directory: TemporaryDirectory) async throws {
        path = directory.path(name)
        try await Self.unpack("trees.tar.gz", ["./\(name)"], in: directory.path)
    }

    /// Unpacks the chains with recorded engine configurations, each as a repository `golden/CASE`.
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
