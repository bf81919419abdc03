import Conversion
import ImageModel
import SystemLibraries
import Testing

@Suite("v1 chain to schema2, against what Docker 1.12 and 1.13 computed")
struct GoldenConversionTests {
    @Test("the recorded cases exist")
    func casesAreThere() {
        #expect(GoldenCase.all.count >= 13)
    }

    @Test("the configuration has the engine's bytes and image id", arguments: GoldenCase.all)
    func configuration(golden: GoldenCase) throws {
        let image = try ConvertedImage(chain: golden.chain())
        let text = String(decoding: image.configuration, as: UTF8.self)
        #expect(text == String(decoding: try golden.configuration(), as: UTF8.self))
        #expect(image.configuration == (try golden.configuration()))
        #expect(image.configurationDigest == (try golden.imageID()))
    }

    @Test("the manifest lists the configuration and the layers, bottom first", arguments: GoldenCase.all)
    func manifest(golden: GoldenCase) throws {
        let chain = try golden.chain()
        let image = try ConvertedImage(chain: chain)
        let manifest = try Manifest(parsing: image.manifest, contentType: .schema2)
        #expect(manifest.configuration?.digest == image.configurationDigest)
        #expect(manifest.configuration?.size == Int64(image.configuration.count))
        #expect(manifest.configuration?.mediaType == .dockerConfiguration)
        #expect(manifest.layers == chain.map(\.blob))
        #expect(image.manifestDigest == Digest(.sha256, of: image.manifest))
    }

    @Test("a second conversion produces the same bytes", arguments: GoldenCase.all)
    func determinism(golden: GoldenCase) throws {
        let first = try ConvertedImage(chain: golden.chain())
        let second = try ConvertedImage(chain: golden.chain())
        #expect(first.configuration == second.configuration && first.manifest == second.manifest)
    }
}
