import Conversion
import ImageModel
import SystemLibraries
import Testing

@Suite("Media types of layers")
struct LayerMediaTypeTests {
    @Test(
        "correspond between Docker's and OCI's names",
        arguments: [
            ("diff.tar", "v1.tar", Compression.none), ("diff.tar.gzip", "v1.tar+gzip", .gzip),
            ("diff.tar.zstd", "v1.tar+zstd", .zstd),
        ],
        [false, true]
    )
    func vocabularies(names: (docker: String, oci: String, compression: Compression), isForeign: Bool) throws {
        let docker = MediaType("application/vnd.docker.image.rootfs.\(isForeign ? "foreign." : "")\(names.docker)")
        let oci = MediaType("application/vnd.oci.image.layer.\(isForeign ? "nondistributable." : "")\(names.oci)")
        for type in [docker, oci] {
            let layer = try #require(LayerMediaType(type))
            #expect(layer.compression == names.compression)
            #expect(layer.isForeign == isForeign)
            #expect(layer.mediaType(in: .docker) == docker)
            #expect(layer.mediaType(in: .oci) == oci)
        }
    }

    @Test(
        "are not confused with similar types",
        arguments: [
            "", "application/vnd.in-toto+json", "application/vnd.docker.image.rootfs.", "application/octet-stream",
            "application/vnd.oci.image.layer.v1.tar+bzip2", "application/vnd.oci.image.layer.v1.tar+gzip+x",
        ]
    )
    func others(text: String) {
        #expect(LayerMediaType(MediaType(text)) == nil)
    }
}
