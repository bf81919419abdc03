import ImageModel
import Testing

@Suite("v1 checksum")
struct V1ChecksumTests {
    private static let sha = "sha256:" + String(repeating: "0f", count: 32)
    private static let tarsum = "tarsum+sha256:" + String(repeating: "1e", count: 32)

    @Test(
        "is read in every format it was ever written in",
        arguments: [
            ("[\"\(sha)\"]", [sha], [sha]),
            ("[\"\(tarsum)\", \"\(sha)\"]", [tarsum, sha], [sha]),
            ("\"\(sha)\"", [sha], [sha]),
            ("\"\(tarsum)\"", [tarsum], []),
            ("\(sha)", [sha], [sha]),
            ("\(sha)\n", [sha], [sha]),
            ("\(tarsum)", [tarsum], []),
            ("tarsum.v1+sha256:00ff", ["tarsum.v1+sha256:00ff"], []),
            ("[]", [], []),
            ("[\"sha256:short\"]", ["sha256:short"], []),
        ]
    )
    func forms(text: String, all: [String], payload: [String]) throws {
        let checksum = try V1Checksum(parsing: Array(text.utf8))
        #expect(checksum.all == all)
        #expect(checksum.payloadDigests.map(\.description) == payload)
    }

    @Test(
        "is refused in any other",
        arguments: [
            "", " ", "{}", "7", "null", "true", "[1]", "[null]", "[\"a\"", "garbage", "\(sha) \(sha)", "[[\"\(sha)\"]]",
            "a:XYZ", "\u{0}\u{0}:00",
        ]
    )
    func refusals(text: String) {
        #expect(throws: MalformedV1Checksum.self) { try V1Checksum(parsing: Array(text.utf8)) }
    }
}
