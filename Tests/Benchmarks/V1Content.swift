import Foundation
import ImageModel
import SystemLibraries

/// The content of a v1 registry while it is measured: the tree that docker-registry would have written.
struct V1Content {
    /// The image that all tags point to.
    static let image = String(repeating: "ab", count: 32)
    /// The image with the large layer.
    static let largeImage = String(repeating: "cd", count: 32)
    /// The repository with many tags.
    static let repository = "bench/tagged"
    private static let tagCount = 100

    /// A small layer, as an engine sends it.
    let layer: [UInt8]
    /// A large layer.
    let largeLayer: [UInt8]
    private let repositoryCount: Int

    init(_ scale: Scale) throws {
        repositoryCount = scale.repositoryCount
        layer = try Self.layer(byteCount: 4096)
        largeLayer = try Self.layer(byteCount: scale.largeByteCount / 8)
    }

    /// The JSON of an image.
    static func json(_ id: String) -> [UInt8] {
        Array(
            """
            {"id":"\(id)","created":"2015-01-01T12:34:56Z","docker_version":"1.5.0",\
            "container_config":{"Cmd":["/bin/sh","-c","echo a step of a build"]},\
            "config":{"Env":["PATH=/usr/bin:/bin"],"Cmd":["/bin/sh"]},"architecture":"amd64","os":"linux","Size":4096}
            """.utf8
        )
    }

    /// The checksum of a JSON and a layer.
    static func checksum(_ json: [UInt8], _ layer: [UInt8]) -> String {
        var hash = StreamingDigest(.sha256)
        hash.update(json)
        hash.update([UInt8(ascii: "\n")])
        hash.update(layer)
        return hash.digest().description
    }

    /// Writes the tree below `root`.
    func write(to root: String) throws {
        for (id, layer) in [(Self.image, layer), (Self.largeImage, largeLayer)] {
            let json = Self.json(id)
            try write(json, "\(root)/images/\(id)/json")
            try write(layer, "\(root)/images/\(id)/layer")
            try write(Array("[\"\(id)\"]".utf8), "\(root)/images/\(id)/ancestry")
            try write(Array("[\"\(Self.checksum(json, layer))\"]".utf8), "\(root)/images/\(id)/_checksum")
        }
        for number in 0..<Self.tagCount { try writeTag("v1.\(number)", in: "\(root)/repositories/\(Self.repository)") }
        for number in 0..<repositoryCount {
            try writeTag("latest", in: "\(root)/repositories/many/\(String(format: "repository-%05d", number))")
        }
    }

    private func writeTag(_ tag: String, in directory: String) throws {
        try write(Array(Self.image.utf8), "\(directory)/tag_\(tag)")
        try write(Array("{\"last_update\": 1420115696}".utf8), "\(directory)/tag\(tag)_json")
        try write(Array("[{\"id\": \"\(Self.image)\"}]".utf8), "\(directory)/_index_images")
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        let file = URL(filePath: path)
        let directory = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// A gzipped tar of one incompressible file.
    private static func layer(byteCount: Int) throws -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func write(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<(offset + text.utf8.count), with: Array(text.utf8))
        }
        write("file", at: 0)
        write("0000644", at: 100)
        write(String(format: "%011o", byteCount), at: 124)
        write(String(format: "%011o", 1_420_115_696), at: 136)
        write("        0", at: 148)
        write("ustar\u{0}00", at: 257)
        write(String(format: "%06o\u{0} ", header.reduce(0) { $0 + Int($1) }), at: 148)
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<(byteCount / 8)).map { _ in generator.next() }
        var layer: [UInt8] = []
        var compressor = try GzipCompressor()
        header.withUnsafeBytes { bytes in compressor.compress(bytes) { layer += $0 } }
        noise.withUnsafeBytes { bytes in compressor.compress(bytes) { layer += $0 } }
        [UInt8](repeating: 0, count: 1024).withUnsafeBytes { bytes in compressor.compress(bytes) { layer += $0 } }
        compressor.finish { layer += $0 }
        return layer
    }
}
