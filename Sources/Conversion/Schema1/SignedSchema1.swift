package import ImageModel
package import SystemLibraries

/// A schema1 manifest as it is served: the payload, whose digest is the manifest's, with signatures put into it.
package struct SignedSchema1: Sendable, Equatable {
    /// The manifest with its signatures.
    package let bytes: [UInt8]
    /// The manifest as it was before it was signed.
    package let payload: [UInt8]
    /// The SHA-256 of the payload.
    package let digest: Digest
    /// The most signatures that a manifest may have: each is verified over the whole payload.
    package static let signatureLimit = 64

    /// The names of the keys that signed; none of a manifest that came without signatures.
    package let keyIDs: [String]

    /// Verifies a manifest, which arrives from the network and is not trusted.
    ///
    /// Every signature must hold, for what is not the payload's must not be taken for it. One without `signatures` is
    /// its own payload: some clients push such.
    package init(verifying bytes: [UInt8]) throws(UnverifiedManifest) {
        let document: JSONText
        do { document = try JSONText(parsing: bytes) } catch { throw .notJSON(error) }
        guard let list = document["signatures"] else {
            self.init(bytes: bytes, payload: bytes, keyIDs: [])
            return
        }
        guard let elements = list.elements, !elements.isEmpty else {
            throw .malformed(field: "signatures", reason: "is not a list of signatures")
        }
        guard elements.count <= Self.signatureLimit else { throw .tooManySignatures(limit: Self.signatureLimit) }
        var signatures: [Schema1Signature] = []
        for (index, element) in elements.enumerated() { signatures.append(try Schema1Signature(element, index: index)) }
        let payload = try Self.payload(of: bytes, signatures)
        let encoded = Base64URL.encode(payload)
        for (index, signature) in signatures.enumerated() where !signature.isValid(forEncoded: encoded) {
            throw .wrongSignature(index: index)
        }
        guard Self.isSame(document, as: payload) else { throw .unsignedContent }
        self.init(bytes: bytes, payload: payload, keyIDs: signatures.map(\.key.keyID))
    }

    /// Signs a payload. No two signatures are equal: who serves the manifest must keep the first.
    ///
    /// - Parameter time: when it is signed, in RFC 3339.
    package init(
        signing payload: [UInt8],
        by key: P256PrivateKey,
        at time: String
    ) throws(UnverifiedManifest) {
        let format = try Schema1Format(cutting: payload)
        let protected = Base64URL.encode(format.protectedHeader(time: time))
        let signature: [UInt8]
        do {
            let encoded = Base64URL.encode(payload)
            let message = Schema1Signature.signedBytes(protected: protected, encodedPayload: encoded)
            signature = try key.signature(for: message)
        } catch { throw .unavailable(error) }
        let signed = format.document(protected: protected, signature: signature, key: key.publicKey)
        self.init(bytes: signed, payload: payload, keyIDs: [key.publicKey.keyID])
    }

    private init(bytes: [UInt8], payload: [UInt8], keyIDs: [String]) {
        self.bytes = bytes
        self.payload = payload
        self.digest = Digest(.sha256, of: payload)
        self.keyIDs = keyIDs
    }

    private static func payload(
        of bytes: [UInt8],
        _ signatures: [Schema1Signature]
    ) throws(UnverifiedManifest) -> [UInt8] {
        guard let first = signatures.first,
            signatures.allSatisfy({ $0.formatLength == first.formatLength && $0.formatTail == first.formatTail })
        else { throw .conflictingFormats }
        guard (0...bytes.count).contains(first.formatLength) else {
            throw .malformed(field: "signatures[0].protected", reason: "says a length that the manifest does not have")
        }
        return bytes.prefix(first.formatLength) + first.formatTail
    }

    /// Whether the manifest says what the payload says and nothing else: clients differ in which of them they read.
    private static func isSame(_ document: JSONText, as payload: [UInt8]) -> Bool {
        guard let signed = (try? JSONText(parsing: payload))?.members, let members = document.members else {
            return false
        }
        let stated = members.filter { $0.key != "signatures" }
        return members.count == stated.count + 1
            && stated.elementsEqual(signed) {
                $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.bytes == $1.value.bytes
            }
    }
}
