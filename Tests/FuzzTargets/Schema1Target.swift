import Conversion
import ImageModel
import SystemLibraries

extension FuzzTarget {
    /// A schema1 manifest: its signatures, its payload, and the chain in it.
    static let schema1 = FuzzTarget("schema1") { input in
        if let signed = try? SignedSchema1(verifying: input) {
            try require(signed.bytes == input, "a manifest keeps its bytes")
            if let manifest = try? Manifest(parsing: signed.payload, contentType: .schema1),
                let schema1 = manifest.schema1
            {
                try convert(schema1)
            }
        }
        guard let key, let signed = try? SignedSchema1(signing: input, by: key, at: "2020-01-01T00:00:00Z") else {
            return
        }
        let again = try SignedSchema1(verifying: signed.bytes)
        try require(again.payload == input, "the signed bytes are the payload")
        try require(again.keyIDs == [key.publicKey.keyID], "the signature names the key")
    }

    private static let key = try? P256PrivateKey()
}
