import ImageModel
import SystemLibraries

/// A v1 image to push.
struct TestImage: Sendable {
    let id: String
    let json: [UInt8]
    let layer: [UInt8]

    /// Creates an image from a JSON and a layer.
    ///
    /// - Parameter comment: Makes its JSON unique.
    init(_ id: String, parent: String? = nil, comment: String = "", layer: [UInt8]) {
        let parent = parent.map { "\"parent\":\"\($0)\"," } ?? ""
        self.id = id
        self.json = Array(
            """
            {"id":"\(id)",\(parent)"comment":"\(comment)","created":"2015-01-01T12:34:56.5Z","docker_version":"1.5.0",\
            "container_config":{"Cmd":["/bin/sh"]},"config":{"Labels":{}},"architecture":"amd64","os":"linux"}
            """.utf8
        )
        self.layer = layer
    }

    /// The checksum of the JSON and the layer.
    var checksum: String { Digest(.sha256, of: json + [UInt8(ascii: "\n")] + layer).description }

    /// An id of 64 digits that begins with `prefix`.
    static func id(_ prefix: String) -> String {
        prefix + String(repeating: "0", count: 64 - prefix.count)
    }
}
