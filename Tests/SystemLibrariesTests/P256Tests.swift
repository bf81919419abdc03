import Foundation
import SystemLibraries
import Testing

@Suite("P-256 keys and ES256 signatures")
struct P256Tests {
    /// The key and the signature of RFC 7515, appendix A.3.
    private static let recorded = (
        x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        message: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )

    private static func recordedKey() throws -> P256PublicKey {
        try P256PublicKey(
            x: #require(Base64URL.decode(recorded.x)),
            y: #require(Base64URL.decode(recorded.y))
        )
    }

    @Test("verifies the signature of RFC 7515")
    func recordedSignature() throws {
        let signature = try #require(Base64URL.decode(Self.recorded.signature))
        #expect(try Self.recordedKey().isValid(signature, for: Array(Self.recorded.message.utf8)))
    }

    @Test("no byte of a signature can be changed", arguments: 0..<64)
    func changedSignature(index: Int) throws {
        var signature = try #require(Base64URL.decode(Self.recorded.signature))
        signature[index] ^= 1
        #expect(try !Self.recordedKey().isValid(signature, for: Array(Self.recorded.message.utf8)))
    }

    @Test(
        "a malformed signature is invalid, not an error",
        arguments: [[], [1], Array(repeating: 0, count: 64), Array(repeating: 0xFF, count: 64)] as [[UInt8]]
    )
    func oddSignature(signature: [UInt8]) throws {
        #expect(try !Self.recordedKey().isValid(signature, for: [1, 2, 3]))
    }

    @Test("a changed message is invalid")
    func changedMessage() throws {
        let signature = try #require(Base64URL.decode(Self.recorded.signature))
        #expect(try !Self.recordedKey().isValid(signature, for: Array(Self.recorded.message.utf8.dropLast())))
    }

    @Test("the key's name is libtrust's")
    func keyID() throws {
        let key = try P256PublicKey(
            x: #require(Base64URL.decode("5lY3GBEZ6bBm3U5_pnKwo6BszcHcZZfiSgG43WepZ30")),
            y: #require(Base64URL.decode("18lDgrx5u92lHOEZ61AwarD8g4-lLGQgM2u47vbp9mQ"))
        )
        #expect(key.keyID == "QGQ4:KPFS:UHMF:36SX:GKGI:BBWX:X2DG:JEA4:7VYX:35PC:XCSN:UMZ3")
    }

    @Test("refuses coordinates off the curve")
    func offCurve() throws {
        let key = try Self.recordedKey()
        var changed = key.y
        changed[31] ^= 1
        #expect(throws: KeyError.notAPoint) { try P256PublicKey(x: key.x, y: changed) }
        #expect(throws: KeyError.notAPoint) { try P256PublicKey(x: key.x, y: key.y.dropLast()) }
        #expect(throws: KeyError.notAPoint) {
            try P256PublicKey(x: Array(repeating: 0, count: 32), y: Array(repeating: 0, count: 32))
        }
    }

    @Test("a new key verifies what it signs, even after being written and read")
    func roundTrip() throws {
        let key = try P256PrivateKey()
        let read = try P256PrivateKey(pem: key.pem())
        #expect(read.publicKey == key.publicKey)
        for count in 0..<200 {
            let message = Array(repeating: UInt8(count), count: count)
            let signature = try read.signature(for: message)
            #expect(signature.count == 64)
            #expect(try key.publicKey.isValid(signature, for: message))
        }
        #expect(try P256PrivateKey().publicKey != key.publicKey)
    }

    @Test(
        "refuses anything but a private key",
        arguments: ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    func malformedPEM(text: String) {
        #expect(throws: KeyError.malformedPEM) { try P256PrivateKey(pem: Array(text.utf8)) }
    }
}
