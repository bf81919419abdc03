import Conversion
import Foundation
import ImageModel
import SystemLibraries
import Testing

@Suite("Random images, through every conversion and back")
struct RandomImageTests {
    private static let seeds = 0..<40
    /// 10,000 images in a full run, otherwise 2,000.
    private static let imagesPerSeed = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == "1" ? 250 : 50

    @Test("keep their layers and DiffIDs, give the same result each time, and never fail", arguments: seeds)
    func everyConversion(seed: Int) throws {
        var random = SplitMix64(state: UInt64(seed))
        let key = try P256PrivateKey()
        for index in 0..<Self.imagesPerSeed {
            let image = RandomImage(using: &random)
            let manifest = try image.manifest()
            try checkOCI(manifest)
            let payload = try schema1(of: manifest, image)
            try checkBack(payload, image)
            if index % 50 == 0 {
                #expect(try schema1(of: manifest, image) == payload)
                let signed = try SignedSchema1(signing: payload, by: key, at: "2020-01-01T00:00:00Z")
                #expect(try SignedSchema1(verifying: signed.bytes).payload == payload)
            }
        }
    }

    /// Converts to OCI and back: the schema2 manifest is the same, whichever comes first.
    private func checkOCI(_ manifest: Manifest) throws {
        let oci = try Manifest(parsing: DerivedManifest(image: manifest, in: .oci).bytes, contentType: nil)
        #expect(oci.layers.map(\.digest) == manifest.layers.map(\.digest))
        let schema2 = try DerivedManifest(image: oci, in: .docker)
        let back = try Manifest(parsing: schema2.bytes, contentType: nil)
        #expect(back.layers == manifest.layers && back.configuration == manifest.configuration)
        #expect(try DerivedManifest(image: manifest, in: .docker) == schema2)
    }

    private func schema1(of manifest: Manifest, _ image: RandomImage) throws -> [UInt8] {
        let chain = try ProjectedChain(image: manifest, configuration: image.configuration)
        let ids = try ProjectedChain.ids(configuration: image.configuration, layers: manifest.layers.map(\.digest))
        #expect(ids == chain.images.map(\.id))
        return DerivedManifest(
            schema1: chain,
            name: try RepositoryName(parsing: "a/b"),
            tag: try Tag(parsing: "c")
        ).bytes
    }

    /// Converts schema1 to an image with the same layers and DiffIDs, whose own schema1 form has the same blobs.
    private func checkBack(_ payload: [UInt8], _ image: RandomImage) throws {
        let schema1 = try #require(Manifest(parsing: payload, contentType: .schema1).schema1)
        let known = Dictionary(image.layers.map { ($0.blob.digest, $0) }, uniquingKeysWith: { $1 })
        let converted = try ConvertedImage(schema1: Schema1History(schema1), layers: known)
        let manifest = try Manifest(parsing: converted.manifest, contentType: .schema2)
        #expect(manifest.layers == image.layers.map(\.blob))
        let configuration = try JSONValue(parsing: converted.configuration)
        let diffIDs = configuration["rootfs"]?["diff_ids"]?.array?.map(\.string) ?? []
        #expect(diffIDs == image.layers.map(\.diffID.description))
        let again = try ProjectedChain(image: manifest, configuration: converted.configuration)
        #expect(again.images.map(\.layer) == schema1.layers.reversed())
        let images = try ProjectedChain(schema1).images
        #expect(images.map { Array($0.json) } == schema1.history.reversed().map { Array($0.utf8) })
        try checkV1(images, known)
    }

    /// Converts the v1 chain, in which every image has a layer, even if empty.
    private func checkV1(_ images: [ProjectedImage], _ known: [Digest: StoredLayer]) throws {
        let empty = StoredLayer(
            blob: Descriptor(mediaType: .dockerLayerGzip, digest: EmptyLayer.digest, size: 32),
            diffID: Digest(.sha256, of: [UInt8](repeating: 0, count: 1024))
        )
        let chain = try images.map { image in
            let layer = try #require(image.layer == EmptyLayer.digest ? empty : known[image.layer])
            return V1Layer(image: try V1Image(parsing: image.json), blob: layer.blob, diffID: layer.diffID)
        }
        let converted = try ConvertedImage(chain: chain)
        let configuration = try JSONValue(parsing: converted.configuration)
        let diffIDs = configuration["rootfs"]?["diff_ids"]?.array?.map(\.string)
        #expect(diffIDs == chain.map(\.diffID.description))
    }
}
