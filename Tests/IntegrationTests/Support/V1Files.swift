import Foundation

/// A v1 image in two files, as a daemon has it before a push.
struct V1Files: Sendable {
    let id: String
    /// The paths of its JSON and its layer.
    let json: String
    let layer: String

    /// The images of a tag of the engines' tree, root first.
    static func engine(_ name: String, in tree: String) throws -> [V1Files] {
        let tag = try String(contentsOfFile: "\(tree)/repositories/golden/\(name)/tag_latest", encoding: .utf8)
        let ancestry = try Data(contentsOf: URL(filePath: "\(tree)/images/\(tag)/ancestry"))
        return try JSONDecoder().decode([String].self, from: ancestry).reversed().map { id in
            V1Files(id: id, json: "\(tree)/images/\(id)/json", layer: "\(tree)/images/\(id)/layer")
        }
    }

    /// Creates an image with random bytes in its layer.
    static func random(_ number: Int, parent: String? = nil, byteCount: Int, in directory: TemporaryDirectory)
        async throws -> V1Files
    {
        let id = String(format: "%064x", number)
        let parent = parent.map { "\"parent\":\"\($0)\"," } ?? ""
        let json = """
            {"id":"\(id)",\(parent)"created":"2015-01-01T12:34:56Z","docker_version":"1.5.0",\
            "container_config":{"Cmd":["/bin/sh"]},"config":{"Labels":{}},"architecture":"amd64","os":"linux"}
            """
        let files = V1Files(
            id: id,
            json: try directory.write(Data(json.utf8), to: "\(id).json"),
            layer: directory.path("\(id).layer")
        )
        let command = """
            head -c \(byteCount) /dev/urandom > '\(directory.path(id))'
            tar -czf '\(files.layer)' -C '\(directory.path)' \(id) && rm '\(directory.path(id))'
            """
        _ = try await Program("bash").run(["-c", command]).succeeded()
        return files
    }

    /// `sha256:` of the JSON, a newline and the layer.
    var checksum: String {
        get async throws { try await sha256(of: "cat '\(json)' <(echo) '\(layer)'") }
    }
}
