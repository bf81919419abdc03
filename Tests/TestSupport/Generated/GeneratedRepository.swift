import Foundation
import ImageModel

/// A repository of a generated tree, with docker-registry's files.
struct GeneratedRepository {
    /// The v1 name: `team/app`.
    let name: String
    let directory: URL

    init(_ name: String, in root: URL) throws {
        self.name = name
        self.directory = root.appending(path: "repositories/\(name)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Writes a tag and its records.
    func tag(_ tag: String, _ image: V1ImageID) throws {
        try put(image.description, as: "tag_\(tag)")
        let record = "{\"last_update\": 1433161000, \"docker_version\": \"1.5.0\"}"
        try put(record, as: "tag\(tag)_json")
        try put(record, as: "json")
        try put("[{\"id\": \"\(image)\"}]", as: "_index_images")
    }

    func put(_ text: String, as name: String) throws { try put(Data(text.utf8), as: name) }

    func put(_ bytes: Data, as name: String) throws { try bytes.write(to: directory.appending(path: name)) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(at: directory.appending(path: name)) }
}
