package import ImageModel
package import SystemLibraries

/// A schema1 manifest as served: the payload, which determines its digest, with signatures inserted.
package struct SignedSchema1: Sendable, Equatable {
    /// The manifest with its signatures.
    package let bytes: [UInt8]
    /// The manifest before it was signed.
    package let payload: [UInt8]
    /// The SHA-256 of the payload.
    package let digest: Digest
    /// The maximum number of signatures in a manifest: each is verified over the whole payload.
    package static let signatureLimit = 64

    /// The IDs of the signing keys; empty for an unsigned manifest.
    package let keyIDs: [String]

    /// Verifies an untrusted manifest from the network.
    ///
    /// Every signature must be valid, so that content outside the payload is not taken for signed. A manifest without
    /// `signatures` is its own payload: some clients push those.
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

    /// Signs a payload. Every signature is different, so a server must keep the first one.
    ///
    /// - Parameter time: The signing time, in RFC 3339.
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
            throw .malformed(field: "signatures[0].protected", reason: "has a formatLength past the manifest's end")
        }
        return bytes.prefix(first.formatLength) + first.formatTail
    }

    /// Whether the manifest has exactly the content of the payload: clients differ in which of the two they read.
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
