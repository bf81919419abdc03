import Conversion
import Foundation
import ImageModel
import SystemLibraries
import Testing

@Suite("Signatures of schema1 manifests")
struct SignedSchema1Tests {
    private static let time = "2016-02-01T10:20:30Z"
    private static let payload = "{\n   \"schemaVersion\": 1,\n   \"name\": \"a\",\n   \"tag\": \"b\"\n}"

    @Test("of engines are valid, and the digest is that of the payload", arguments: GoldenSchema1.all)
    func golden(golden: GoldenSchema1) throws {
        let bytes = try golden.manifest()
        let signed = try SignedSchema1(verifying: bytes)
        #expect(signed.bytes == bytes)
        #expect(signed.digest == (try golden.digest()))
        #expect(signed.keyIDs == ["QGQ4:KPFS:UHMF:36SX:GKGI:BBWX:X2DG:JEA4:7VYX:35PC:XCSN:UMZ3"])
        #expect(!String(decoding: signed.payload, as: UTF8.self).contains("signatures"))
    }

    @Test(
        "of an engine's payload signed by us differ only in key, signature and time",
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
        "made by us verify, and the payload is recovered",
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

    @Test("two of one payload are valid, and a wrong one next to a right one is not")
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

    /// Manifests that differ only in their signature algorithm: `testdata/schema1`.
    static let algorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]

    private static func foreign(_ algorithm: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(
            decoding: try Data(contentsOf: root.appending(path: "testdata/schema1/\(algorithm).json")),
            as: UTF8.self
        )
    }

    @Test("of every libtrust algorithm are valid, and no bit of them can be changed", arguments: algorithms)
    func everyAlgorithm(algorithm: String) throws {
        let signed = try Self.foreign(algorithm)
        let verified = try SignedSchema1(verifying: Array(signed.utf8))
        #expect(verified.keyIDs.count == 1)
        #expect(verified.keyIDs.first?.split(separator: ":").count == 12)
        #expect(String(decoding: verified.payload, as: UTF8.self).hasSuffix("]\n}"))
        let value = try #require(signed.firstMatch(of: /"signature": "([^"]+)"/)?.1)
        var bytes = try #require(Base64URL.decode(value))
        for index in [0, bytes.count / 2, bytes.count - 1] {
            bytes[index] ^= 1
            let forged = signed.replacing(value, with: Base64URL.encode(bytes))
            #expect(throws: UnverifiedManifest.wrongSignature(index: 0)) {
                try SignedSchema1(verifying: Array(forged.utf8))
            }
            bytes[index] ^= 1
        }
        for count in [0, 1, bytes.count - 1] {
            let cut = signed.replacing(value, with: Base64URL.encode(bytes.prefix(count)))
            #expect(throws: UnverifiedManifest.wrongSignature(index: 0)) {
                try SignedSchema1(verifying: Array(cut.utf8))
            }
        }
        let other = signed.replacing("quay/app", with: "quay/apq")
        #expect(throws: UnverifiedManifest.wrongSignature(index: 0)) { try SignedSchema1(verifying: Array(other.utf8)) }
    }

    @Test("of different algorithms are valid side by side, up to a limit")
    func mixed() throws {
        let elements = try Self.algorithms.map { Self.element(of: try Self.foreign($0)) }
        let first = try Self.foreign(Self.algorithms[0])
        func manifest(_ elements: [String]) -> [UInt8] {
            Array(first.replacing(Self.element(of: first), with: elements.joined(separator: ", ")).utf8)
        }
        let signed = try SignedSchema1(verifying: manifest(elements))
        #expect(Set(signed.keyIDs).count == 4, "the three of RSA are one key's")
        let swapped = elements[5].replacing("\"ES512\"", with: "\"ES384\"")
        #expect(throws: UnverifiedManifest.wrongSignature(index: 6)) {
            try SignedSchema1(verifying: manifest(elements + [swapped]))
        }
        let many = Array(repeating: elements[3], count: SignedSchema1.signatureLimit)
        #expect(try SignedSchema1(verifying: manifest(many)).keyIDs.count == SignedSchema1.signatureLimit)
        #expect(throws: UnverifiedManifest.tooManySignatures(limit: SignedSchema1.signatureLimit)) {
            try SignedSchema1(verifying: manifest(many + [elements[3]]))
        }
    }

    @Test("do not allow any byte of the payload to change")
    func changedPayload() throws {
        let signed = try SignedSchema1(signing: Array(Self.payload.utf8), by: P256PrivateKey(), at: Self.time)
        for index in 0..<Self.payload.utf8.count - 2 {
            var bytes = signed.bytes
            bytes[index] ^= 1
            #expect(throws: UnverifiedManifest.self) { try SignedSchema1(verifying: bytes) }
        }
    }

    @Test(
        "do not allow unsigned content next to the payload",
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

    @Test("without any, a manifest is its own payload")
    func unsigned() throws {
        let signed = try SignedSchema1(verifying: Array(Self.payload.utf8))
        #expect(signed.payload == Array(Self.payload.utf8))
        #expect(signed.bytes == signed.payload)
        #expect(signed.keyIDs.isEmpty)
    }

    @Test(
        "that cannot be verified are refused with the reason",
        arguments: [
            ("\"alg\": \"ES256\"", "\"alg\": \"none\"", UnverifiedManifest.unsupportedAlgorithm(index: 0, "none")),
            ("\"alg\": \"ES256\"", "\"alg\": \"HS256\"", .unsupportedAlgorithm(index: 0, "HS256")),
            ("\"alg\": \"ES256\"", "\"alg\": \"PS256\"", .unsupportedAlgorithm(index: 0, "PS256")),
            ("\"alg\": \"ES256\"", "\"alg\": \"EdDSA\"", .unsupportedAlgorithm(index: 0, "EdDSA")),
            ("\"alg\": \"ES256\"", "\"alg\": \"es256\"", .unsupportedAlgorithm(index: 0, "es256")),
            // A key that does not fit the algorithm proves nothing.
            ("\"alg\": \"ES256\"", "\"alg\": \"ES384\"", .wrongSignature(index: 0)),
            ("\"alg\": \"ES256\"", "\"alg\": \"RS256\"", .wrongSignature(index: 0)),
            ("\"kty\": \"EC\"", "\"kty\": \"RSA\"", .malformedKey(index: 0, .wrongKind)),
            ("\"alg\": \"ES256\"", "\"alg\": \"ES256\", \"x5c\": []", .certificateChain(index: 0)),
            ("\"crv\": \"P-256\"", "\"crv\": \"P-384\"", .malformedKey(index: 0, .wrongKind)),
            ("\"x\": \"", "\"x\": \"AA", .malformedKey(index: 0, .wrongKind)),
            ("\"x\":", "\"z\":", .malformedKey(index: 0, .wrongKind)),
            ("\"jwk\":", "\"key\":", .malformed(field: "signatures[0].header.jwk", reason: "is missing")),
            ("\"header\":", "\"head\":", .malformed(field: "signatures[0].header", reason: "is not an object")),
            (
                "\"protected\": \"", "\"protected\": \"e30\", \"was\": \"",
                .malformed(field: "signatures[0].protected", reason: "has no formatLength")
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

    @Test("with a length beyond the manifest, or below zero, are refused", arguments: [100_000, -1, Int.max, Int.min])
    func oddLength(length: Int) throws {
        let signed = try text(SignedSchema1(signing: Array(Self.payload.utf8), by: P256PrivateKey(), at: Self.time))
        let header = Base64URL.encode(Array("{\"formatLength\":\(length),\"formatTail\":\"Cn0\"}".utf8))
        let changed = signed.replacing("\"protected\": \"", with: "\"protected\": \"\(header)\", \"was\": \"")
        #expect(throws: UnverifiedManifest.self) { try SignedSchema1(verifying: Array(changed.utf8)) }
    }

    @Test(
        "cannot be made for anything other than an object with members",
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
