import ImageModel
import SystemLibraries
import Testing

@Suite("Public keys of every kind")
struct VerificationKeyTests {
    private static func key(_ jwk: String) throws -> VerificationKey {
        try VerificationKey(jwk: JSONValue(parsing: Array(jwk.utf8)))
    }

    /// The key of RFC 7638, section 3.1.
    private static let rsa = """
        {"kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7\
        aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YG\
        jQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6\
        WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}
        """

    @Test(
        "have the names of RFC 7638 and RFC 8037",
        arguments: [
            (
                #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
                "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
            ),
            (
                // The key of RFC 7515, appendix A.3.
                #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
                    + #""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
                "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
            ),
        ]
    )
    func thumbprints(jwk: String, name: String) throws {
        let key = try Self.key(jwk)
        #expect(key.names.contains(name))
        #expect(try VerificationKey(der: key.der).names == key.names)
    }

    @Test("an RSA key has its name from RFC 7638, and is the same from its numbers and from its encoding")
    func rsa() throws {
        let key = try Self.key(Self.rsa)
        let again = try VerificationKey(der: key.der)
        #expect(key.names.contains("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"))
        #expect(again.der == key.der && again.names == key.names)
    }

    @Test(
        "refuse anything but a key of a known kind",
        arguments: [
            #"{}"#, #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"RSA","n":"AQAB"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, #"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#,
            #"{"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"}"#, #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            // A point that is not on the curve.
            #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
                + #""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a8"}"#,
        ]
    )
    func refusals(jwk: String) {
        #expect(throws: KeyError.wrongKind) { try Self.key(jwk) }
    }

    @Test("refuse a curve of the same size without a named algorithm")
    func otherCurve() throws {
        // Made by `openssl ecparam -name secp256k1 -genkey | openssl ec -pubout -outform DER | base64`.
        let der = try #require(
            Base64.decode(
                "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEISQOzcLoOjBj+qwTpWYARHyvLxGE"
                    + "PT7TqyN3pD+wWJAuQjlVKZMxqqUhoOJz+zhlD6bcLhOBryXvdQyQMz9i3w=="
            )
        )
        #expect(throws: KeyError.wrongKind) { try VerificationKey(der: der) }
    }
}
