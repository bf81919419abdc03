import ImageModel
import SystemLibraries

extension FuzzTarget {
    /// Keys and certificates in PEM, in DER and as JSON Web Keys.
    static let keys = FuzzTarget("keys") { input in
        _ = try? CertificateBundle(pem: input)
        _ = try? Certificate(pem: input)
        _ = try? CertificateKey(pem: input)
        if let key = try? P256PrivateKey(pem: input) {
            let again = try P256PrivateKey(pem: try key.pem())
            try require(again.publicKey.keyID == key.publicKey.keyID, "a key can be written and read back")
        }
        let derived = try? VerificationKey(der: input)
        let named = (try? JSONValue(parsing: input)).flatMap { try? VerificationKey(jwk: $0) }
        for key in [derived, named].compactMap(\.self) {
            for algorithm in SigningAlgorithm.allCases {
                try require(!key.isValid([1, 2, 3], for: input, by: algorithm), "three bytes are not a signature")
            }
        }
        let text = FuzzInput.text(input)
        if let bytes = Base64URL.decode(text) {
            let written = Base64URL.encode(bytes)
            try require(
                written.utf8.elementsEqual(text.utf8.prefix { $0 != UInt8(ascii: "=") }),
                "bytes have a unique text"
            )
        }
        try require(Base64.decode(Base64.encode(input)) == input, "base64 can be written and read back")
    }
}
