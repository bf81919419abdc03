import Conversion
import ImageModel
import SystemLibraries

/// A random image: its history, layers and configuration are derived from a seed.
struct RandomImage {
    /// The layers, bottom first; some occur several times.
    let layers: [StoredLayer]
    /// The configuration, with arbitrary history.
    let configuration: [UInt8]

    private static let words = ["", "a", "RUN x && y", "<&>", "é\u{2028}\u{1F433}", "\"\\\n\u{1}", "amd64", "linux"]

    init(using random: inout SplitMix64) {
        let layerCount = Int.random(in: 0...4, using: &random)
        layers = (0..<layerCount).map { _ in
            let seed = UInt8.random(in: 0..<8, using: &random)
            return StoredLayer(
                blob: Descriptor(
                    mediaType: seed == 0 ? .dockerLayerTar : .dockerLayerGzip,
                    digest: Digest(.sha256, of: [seed]),
                    size: Int64(seed)
                ),
                diffID: Digest(.sha256, of: [seed, seed])
            )
        }
        var members: [JSONMember] = []
        for key in ["architecture", "os", "author", "comment", "docker_version", "x<y", "config", "variant", "id"]
        where Bool.random(using: &random) {
            members.append(JSONMember(key: key, value: Self.value(of: key, using: &random)))
        }
        let diffIDs = layers.map { JSONValue.string($0.diffID.description) }
        members.append(
            JSONMember(key: "rootfs", value: .object([JSONMember(key: "diff_ids", value: .array(diffIDs))]))
        )
        if Int.random(in: 0..<8, using: &random) > 0 {
            let history = Self.history(layerCount: layerCount, using: &random)
            members.append(JSONMember(key: "history", value: .array(history)))
        }
        configuration = JSONValue.object(members.shuffled(using: &random)).compactEncoded()
    }

    /// The image's manifest.
    func manifest() throws -> Manifest {
        let blobs = layers.map { layer in
            #"{"mediaType":"\#(layer.blob.mediaType)","digest":"\#(layer.blob.digest)","size":\#(layer.blob.size)}"#
        }
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":"\
            \(MediaType.dockerConfiguration)","digest":"\(Digest(.sha256, of: configuration))",\
            "size":\(configuration.count)},"layers":[\(blobs.joined(separator: ","))]}
            """
        return try Manifest(parsing: Array(text.utf8), contentType: nil)
    }

    /// Usually an entry for each layer, with others in between; sometimes too many or too few.
    private static func history(layerCount: Int, using random: inout SplitMix64) -> [JSONValue] {
        var isEmpty = Array(repeating: false, count: layerCount)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            isEmpty.insert(true, at: Int.random(in: 0...isEmpty.count, using: &random))
        }
        if Int.random(in: 0..<6, using: &random) == 0 { isEmpty.append(false) }
        if Int.random(in: 0..<6, using: &random) == 0 { isEmpty = Array(isEmpty.dropFirst()) }
        return isEmpty.map { isEmpty in
            var members: [JSONMember] = []
            for key in ["created", "created_by", "author", "comment"] where Bool.random(using: &random) {
                members.append(JSONMember(key: key, value: value(of: key, using: &random)))
            }
            if isEmpty { members.append(JSONMember(key: "empty_layer", value: .boolean(true))) }
            return .object(members)
        }
    }

    private static func value(of key: String, using random: inout SplitMix64) -> JSONValue {
        switch key {
        case "created":
            .string(
                "20\(Int.random(in: 10...99, using: &random))-01-02T03:04:05.\(Int.random(in: 0...999, using: &random))Z"
            )
        case "docker_version": .string(["1.6.2", "1.12.6", "17.03.1-ce", "dev"].randomElement(using: &random) ?? "")
        case "config": .object([JSONMember(key: "Cmd", value: .array([.string(word(using: &random))]))])
        case "id": .string(String(repeating: "d", count: 64))
        default: .string(word(using: &random))
        }
    }

    private static func word(using random: inout SplitMix64) -> String { words.randomElement(using: &random) ?? "" }
}
