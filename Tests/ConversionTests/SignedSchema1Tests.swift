import Conversion
import ImageModel
import SystemLibraries
import Testing

@Suite("Signatures of schema1 manifests")
struct SignedSchema1Tests {
    private static let time = "2016-02-01T10:20:30Z"
    private static let payload = "{\n   \"schemaVersion\": 1,\n   \"name\": \"a\",\n   \"tag\": \"b\"\n}"

    @Test("those of engines hold, and the digest is the payload's", arguments: GoldenSchema1.all)
    func golden(golden: GoldenSchema1) throws {
        let bytes = try golden.manifest()
        let signed = try SignedSchema1(verifying: bytes)
        #expect(signed.bytes == bytes)
        #expect(signed.digest == (try golden.digest()))
        #expect(signed.keyIDs == ["QGQ4:KPFS:UHMF:36SX:GKGI:BBWX:X2DG:JEA4:7VYX:35PC:XCSN:UMZ3"])
        #expect(!String(decoding: signed.payload, as: UTF8.self).contains("signatures"))
    }

    @Test(
        "of an engine's payload, signed by us, everything but key, signature and time is the same bytes",
        arguments: GoldenSchema1.all
    )
    func layout(golden: GoldenSchema1) throws {
        let theirs = try SignedSchema1(verifying: golden.manifest())
        let ours = try SignedSchema1(signing: theirs.payload, by: P256PrivateKey(), at: Self.time)
        let lines = [ours, theirs].map { String(decoding: $0.bytes, as: UTF8.self).split(separator: "\n") }
        try #require(lines[0].count == lines[1].count)
        let different = zip(lines[0], lines[1]).filter { $0 != $1 }.map { $0.0.prefix { $0 != ":" } }
        let names = different.map { $0.drop { $0 == " " } }
        #expect(names == ["\"kid\"", "\"x\"", "\"y\"", "\"signature\"", "\"protected\""])
    }

    @Test(
        "what we sign verifies, and the payload comes back",
        arguments: [payload, "{\"a\":1}", "{ \"a\" : {}  \n}\n\n", "{\"a\":\"}\"\t}", " {\"<\":[\"\\u0000é\"]} "]
    )
    func roundTrip(payload: String) throws {
        let key = try P256PrivateKey()
        let signed = try SignedSchema1(signing: Array(payload.utf8), by: key, at: Self.time)
        #expect(signed.keyIDs == [key.publicKey.keyID])
        #expect(signed.digest == Digest(.sha256, of: Array(payload.utf8)))
        let verified = try SignedSchema1(verifying: signed.bytes)
        #expect(verified == signed)
        #expect(verified.payload == Array(payload.utf8))
    }

    @Test("two signatures of one payload hold, and a wrong one beside a right one does not")
    func several() throws {
        let (first, second) = (try P256PrivateKey(), try P256PrivateKey())
        let one = try text(SignedSchema1(signing: Array(Self.payload.utf8), by: first, at: Self.time))
        let other = try text(SignedSchema1(signing: Array(Self.payload.utf8), by: second, at: Self.time))
        let both = one.replacing(Self.element(of: one), with: "\(Self.element(of: one)), \(Self.element(of: other))")
        #expect(
            try SignedSchema1(verifying: Array(both.utf8)).keyIDs == [first.publicKey.keyID, second.publicKey.keyID]
        )

        let foreign = try text(
            SignedSchema1(
                signing: Array("{\n   \"schemaVersion\": 1,\n   \"name\": \"x\",\n   \"tag\": \"b\"\n}".utf8),
                by: second,
                at: Self.time
            )
        )
        let mixed = one.replacing(Self.element(of: one), with: "\(Self.element(of: one)), \(Self.element(of: foreign))")
        #expect(throws: UnverifiedManifest.wrongSignature(index: 1)) { try SignedSchema1(verifying: Array(mixed.utf8)) }
    }

    @Test("no byte of the payload can change")
    func changedPayload() throws {
        let signed = try SignedSchema1(signing: Array(Self.payload.utf8), by: P256PrivateKey(), at: Self.time)
        for index in 0..<Self.payload.utf8.count - 2 {
            var bytes = signed.bytes
            bytes[index] ^= 1
            #expect(throws: UnverifiedManifest.self) { try SignedSchema1(verifying: bytes) }
        }
    }

    @Test(
        "nothing that is not signed can stand beside it",
        arguments: [
            ("\n   \"signatures\"", "\n   \"name\": \"evil\", \"signatures\""),
            ("\n   \"signatures\"", "\n   \"layers\": [], \"signatures\""),
            ("\n   ]\n}", "\n   ], \"config\": {}\n}"),
            ("\n   \"signatures\"", "\n   \"signatures\": 1, \"signatures\""),
        ]
    )
    func unsignedContent(part: String, replacement: String) throws {
        let signed = try text(SignedSchema1(signing: Array(Self.payload.utf8), by: P256PrivateKey(), at: Self.time))
        let changed = signed.replacing(part, with: replacement)
        try #require(changed != signed)
        #expect(throws: UnverifiedManifest.unsignedContent) { try SignedSchema1(verifying: Array(changed.utf8)) }
    }

    @Test("one without signatures is its own payload")
    func unsigned() throws {
        let signed = try SignedSchema1(verifying: Array(Self.payload.utf8))
        #expect(signed.payload == Array(Self.payload.utf8))
        #expect(signed.bytes == signed.payload)
        #expect(signed.keyIDs.isEmpty)
    }

    @Test(
        "a signature that cannot be verified is refused with the reason",
        arguments: [
            ("\"alg\": \"ES256\"", "\"alg\": \"none\"", UnverifiedManifest.unsupportedAlgorithm(index: 0, "none")),
            ("\"alg\": \"ES256\"", "\"alg\": \"ES256\", \"x5c\": []", .certificateChain(index: 0)),
            ("\"crv\": \"P-256\"", "\"crv\": \"P-384\"", .malformedKey(index: 0, .wrongKind)),
            ("\"x\": \"", "\"x\": \"AA", .malformed(field: "signatures[0].header.jwk.x", reason: "is not base64")),
            ("\"x\":", "\"z\":", .malformed(field: "signatures[0].header.jwk.x", reason: "is not a string")),
            ("\"header\":", "\"head\":", .malformed(field: "signatures[0].header", reason: "is not an object")),
            (
                "\"protected\": \"", "\"protected\": \"e30\", \"was\": \"",
                .malformed(field: "signatures[0].protected", reason: "does not say the length of the format")
            ),
            (
                "\"signatures\": [", "\"signatures\": [], \"were\": [",
                .malformed(field: "signatures", reason: "is not a list of signatures")
            ),
        ]
    )
    func refusals(part: String, replacement: String, reason: UnverifiedManifest) throws {
        let signed = try text(SignedSchema1(signing: Array(Self.payload.utf8), by: P256PrivateKey(), at: Self.time))
        let changed = signed.replacing(part, with: replacement)
        try #require(changed != signed)
        #expect(throws: reason) { try SignedSchema1(verifying: Array(changed.utf8)) }
        #expect(!reason.description.isEmpty)
    }

    @Test("a length beyond the manifest, or below zero, is refused", arguments: [100_000, -1, Int.max, Int.min])
    func oddLength(length: Int) throws {
        let signed = try text(SignedSchema1(signing: Array(Self.payload.utf8), by: P256PrivateKey(), at: Self.time))
        let header = Base64URL.encode(Array("{\"formatLength\":\(length),\"formatTail\":\"Cn0\"}".utf8))
        let changed = signed.replacing("\"protected\": \"", with: "\"protected\": \"\(header)\", \"was\": \"")
        #expect(throws: UnverifiedManifest.self) { try SignedSchema1(verifying: Array(changed.utf8)) }
    }

    @Test(
        "what is no object with members cannot be signed",
        arguments: ["", "[]", "{}", "{\"signatures\":[]}", "{\"a\":1"]
    )
    func unsignable(payload: String) throws {
        let key = try P256PrivateKey()
        #expect(throws: UnverifiedManifest.self) {
            try SignedSchema1(signing: Array(payload.utf8), by: key, at: Self.time)
        }
    }

    private func text(_ signed: SignedSchema1) -> String { String(decoding: signed.bytes, as: UTF8.self) }

    /// The only element of `signatures`.
    private static func element(of signed: String) -> String {
        let start = signed.firstRange(of: "\"signatures\": [")?.upperBound ?? signed.startIndex
        let end = signed.lastIndex(of: "]") ?? signed.endIndex
        return String(signed[start..<end])
    }
}
