import Conversion
import ImageModel
import SystemLibraries
import Testing

/// Test manifests of blobs that do not matter.
enum TestManifest {
    /// The digest of a text.
    static func digest(_ text: String) -> Digest { Digest(.sha256, of: Array(text.utf8)) }

    /// An image or an artifact with layers of the given media types, bottom first.
    static func image(
        _ type: MediaType,
        configuration: MediaType,
        layers: [MediaType],
        members: String = ""
    ) throws -> Manifest {
        let layers = layers.enumerated().map { descriptor($1, "layer \($0)") }
        return try parse(
            """
            {"schemaVersion":2,"mediaType":"\(type)","config":\(descriptor(configuration, "configuration")),\
            "layers":[\(layers.joined(separator: ","))]\(members)}
            """
        )
    }

    /// A list of entries, each with the given members after its digest and size.
    static func index(_ type: MediaType, entries: [(name: String, members: String)]) throws -> Manifest {
        let entries = entries.map { descriptor(.schema2, $0.name, $0.members) }
        return try parse(
            #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(entries.joined(separator: ","))]}"#
        )
    }

    /// A schema1 manifest of these images, top first, each a layer's digest and a JSON.
    static func schema1(_ images: [(layer: Digest, json: String)]) throws -> Manifest.Schema1 {
        let layers = images.map { JSONValue.object([JSONMember(key: "blobSum", value: .string("\($0.layer)"))]) }
        let history = images.map { JSONValue.object([JSONMember(key: "v1Compatibility", value: .string($0.json))]) }
        let manifest = JSONValue.object([
            JSONMember(key: "schemaVersion", value: .integer(1)), JSONMember(key: "fsLayers", value: .array(layers)),
            JSONMember(key: "history", value: .array(history)),
        ])
        return try #require(Manifest(parsing: manifest.goEncoded(), contentType: .schema1).schema1)
    }

    private static func parse(_ text: String) throws -> Manifest {
        try Manifest(parsing: Array(text.utf8), contentType: nil)
    }

    private static func descriptor(_ type: MediaType, _ name: String, _ members: String = "") -> String {
        let urls = type.isForeignLayer ? #","urls":["http://localhost/a&b"]"# : ""
        return #"{"mediaType":"\#(type)","digest":"\#(digest(name))","size":\#(name.utf8.count)\#(urls)\#(members)}"#
    }
}
