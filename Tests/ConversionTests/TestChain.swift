import Conversion
import ImageModel
import Testing

/// Test chains of images whose layers do not matter.
enum TestChain {
    /// One image with an `id` and the given members, which begin with a comma.
    static func single(_ members: String) throws -> [V1Layer] {
        try chain(of: [Array(#"{"id":"\#(String(repeating: "a", count: 64))"\#(members)}"#.utf8)])
    }

    /// A chain of these images, bottom first.
    static func chain(of images: [[UInt8]]) throws -> [V1Layer] {
        let digest = Digest(.sha256, hash: [UInt8](repeating: 0x11, count: 32))
        return try images.map { json in
            V1Layer(
                image: try V1Image(parsing: json),
                blob: Descriptor(mediaType: .dockerLayerGzip, digest: digest, size: 32),
                diffID: digest
            )
        }
    }

    /// The configuration of one image without `rootfs` and `history`, which other tests cover.
    static func carried(_ members: String) throws -> String {
        let image = try ConvertedImage(chain: single(members))
        let configuration = try #require(JSONValue(parsing: image.configuration).object)
        return encoded(.object(configuration.filter { $0.key != "rootfs" && $0.key != "history" }))
    }

    /// The only history entry of one image.
    static func historyEntry(_ members: String) throws -> String {
        let image = try ConvertedImage(chain: single(members))
        return encoded(try #require(JSONValue(parsing: image.configuration)["history"]?.array?.first))
    }

    private static func encoded(_ value: JSONValue) -> String { String(decoding: value.goEncoded(), as: UTF8.self) }
}
