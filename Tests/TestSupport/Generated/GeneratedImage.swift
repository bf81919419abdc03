import Foundation
import ImageModel
import SystemLibraries

/// An image of a generated tree, with the files of a complete push.
struct GeneratedImage {
    let id: V1ImageID
    /// Its ancestors, its parent first.
    let ancestors: [V1ImageID]
    let directory: URL

    init(_ number: Int, seed: UInt64, below ancestors: [V1ImageID], in root: URL) throws {
        self.id = try V1ImageID(parsing: Digest(.sha256, of: Array("image \(number) of \(seed)".utf8)).hex)
        self.ancestors = ancestors
        self.directory = root.appending(path: "images/\(id)")
    }

    /// The JSON of a 2015 engine.
    var json: [UInt8] {
        let parent = ancestors.first.map { ",\"parent\":\"\($0)\"" } ?? ""
        let command = "\"Cmd\":[\"/bin/sh\",\"-c\",\"#(nop) ADD file:\(id.description.prefix(12)) in /\"]"
        return Array(
            """
            {"id":"\(id)"\(parent),"created":"2015-06-01T12:34:56.789Z","container_config":{"Hostname":"build",\(command)},\
            "docker_version":"1.5.0","config":{"Hostname":"build","Cmd":["/bin/bash"]},"architecture":"amd64","os":"linux"}
            """.utf8
        )
    }

    /// Writes all files, years old, and returns the size of the layer.
    func write(_ layer: [Data]) throws -> Int {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        var payload = StreamingDigest(.sha256)
        payload.update(json + [UInt8(ascii: "\n")])
        try put(Data(), as: "layer")
        let file = try FileHandle(forWritingTo: directory.appending(path: "layer"))
        for piece in layer {
            payload.update(piece)
            try file.write(contentsOf: piece)
        }
        try file.close()
        try age("layer")
        try put(Data(json), as: "json")
        try put("[\(([id] + ancestors).map { "\"\($0)\"" }.joined(separator: ", "))]", as: "ancestry")
        try put("[\"\(payload.digest())\"]", as: "_checksum")
        return layer.reduce(0) { $0 + $1.count }
    }

    func put(_ text: String, as name: String) throws { try put(Data(text.utf8), as: name) }

    func put(_ bytes: Data, as name: String) throws { try bytes.write(to: directory.appending(path: name)) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(at: directory.appending(path: name)) }

    /// Changes the layer, keeping its modification time.
    func changeLayer(_ change: (inout Data) -> Void) throws {
        var layer = try Data(contentsOf: directory.appending(path: "layer"))
        change(&layer)
        try put(layer, as: "layer")
        try age("layer")
    }

    private func age(_ name: String) throws {
        let old = Date(timeIntervalSince1970: 1_454_328_000)
        let path = directory.appending(path: name).path(percentEncoded: false)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    }
}
