import Conversion
import ImageModel
import Testing

@Suite("Configuration of an image made by Docker 1.8.3 or later: carried verbatim")
struct CarriedConfigurationTests {
    private static let version = #","docker_version":"1.9.1""#

    @Test(
        "sorts top-level keys by byte, keeps the last of duplicates, and leaves values as written",
        arguments: [
            (#","b":1,"a":[ 1.50, 1e3 ]"#, #"{"a":[1.50,1e3],"b":1,"docker_version":"1.9.1"}"#),
            (#","x":1,"x":2"#, #"{"docker_version":"1.9.1","x":2}"#),
            (#","x":1,"\u0078":3"#, #"{"docker_version":"1.9.1","x":3}"#),
            (#","X":1,"x":null"#, #"{"X":1,"docker_version":"1.9.1","x":null}"#),
            (#","é":1,"z":2,"😀":3,"￿":4"#, #"{"docker_version":"1.9.1","z":2,"é":1,"￿":4,"😀":3}"#),
            (#","e\u0301":1,"\u00e9":2"#, #"{"docker_version":"1.9.1","é":1,"é":2}"#),
            (#","<k>":"\u003cv\/""#, #"{"\u003ck\u003e":"\u003cv/","docker_version":"1.9.1"}"#),
            (#","rootfs":7,"history":"x""#, #"{"docker_version":"1.9.1"}"#),
            (#","parent":"","Size":5,"parent_id":1,"layer_id":2,"throwaway":true"#, #"{"docker_version":"1.9.1"}"#),
            (#","size":5,"Throwaway":1"#, #"{"Throwaway":1,"docker_version":"1.9.1","size":5}"#),
        ]
    )
    func carrying(members: String, expected: String) throws {
        #expect(try TestChain.carried(Self.version + members) == expected)
    }

    @Test("keeps bytes that are not UTF-8 in values, and replaces them in keys")
    func invalidUTF8() throws {
        let id = String(repeating: "a", count: 64)
        let json =
            Array(#"{"id":"\#(id)","docker_version":"1.9.1","k"#.utf8) + [
                0xFF, 0x22, 0x3A, 0x22, 0xE2, 0x80, 0x22, 0x7D,
            ]
        let image = try ConvertedImage(chain: TestChain.chain(of: [json]))
        let expected = Array("\"k\u{FFFD}\":\"".utf8) + [0xE2, 0x80, 0x22]
        #expect(image.configuration.contains(expected))
    }

    @Test("puts rootfs and history last, or where they sort, when the object has none")
    func rootFileSystem() throws {
        let image = try ConvertedImage(chain: TestChain.single(Self.version))
        let digest = "sha256:" + String(repeating: "11", count: 32)
        #expect(
            String(decoding: image.configuration, as: UTF8.self)
                == #"{"docker_version":"1.9.1","history":[{"created":"0001-01-01T00:00:00Z"}],"#
                + #""rootfs":{"type":"layers","diff_ids":["\#(digest)"]}}"#
        )
    }

    @Test("the manifest has Docker's bytes")
    func manifest() throws {
        let image = try ConvertedImage(chain: TestChain.single(Self.version))
        #expect(
            String(decoding: image.manifest, as: UTF8.self) == """
                {
                   "schemaVersion": 2,
                   "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                   "config": {
                      "mediaType": "application/vnd.docker.container.image.v1+json",
                      "size": \(image.configuration.count),
                      "digest": "\(image.configurationDigest)"
                   },
                   "layers": [
                      {
                         "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                         "size": 32,
                         "digest": "sha256:\(String(repeating: "11", count: 32))"
                      }
                   ]
                }
                """
        )
    }

    @Test("there is no image for an empty chain")
    func emptyChain() {
        #expect(throws: UnconvertibleImage.emptyChain) { try ConvertedImage(chain: []) }
    }
}
