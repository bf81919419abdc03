import Conversion
import ImageModel

extension FuzzTarget {
    /// The configuration of a v2 image, and the chain of v1 images that it becomes.
    static let imageConfiguration = FuzzTarget("image-configuration") { input in
        for count in 0...2 {
            let layers = Array(repeating: FuzzWorld.digest, count: count)
            guard let chain = try? ProjectedChain(configuration: input, layers: layers) else { continue }
            let ids = try ProjectedChain.ids(configuration: input, layers: layers)
            try require(ids == chain.images.map(\.id), "the ids match the images")
            for (index, image) in chain.images.enumerated() {
                let parsed = try V1Image(parsing: image.json)
                try require(parsed.id == image.id, "an image has its id")
                try require(parsed.parent == (index == 0 ? nil : ids[index - 1]), "an image has its parent")
            }
            try signable(chain)
        }
    }

    /// Parses the schema1 manifest of a chain.
    static func signable(_ chain: ProjectedChain) throws {
        let payload = DerivedManifest(
            schema1: chain,
            name: try RepositoryName(parsing: FuzzWorld.repository),
            tag: try Tag(parsing: "latest")
        )
        let manifest = try Manifest(parsing: payload.bytes, contentType: payload.mediaType)
        // Bytes that are not text become U+FFFD in a history, as in Go.
        let images = chain.images.reversed().map { String(decoding: $0.json, as: UTF8.self) }
        try require(manifest.schema1?.history == images, "a history contains its images")
    }
}
