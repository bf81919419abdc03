import ImageModel
import SystemLibraries

/// The position in a payload where signatures are inserted: after its last member.
struct Schema1Format {
    /// The payload before that position.
    let head: [UInt8]
    /// The payload after it: white space and the closing brace.
    let tail: [UInt8]

    /// Splits a payload.
    init(cutting payload: [UInt8]) throws(UnverifiedManifest) {
        let document: JSONText
        do { document = try JSONText(parsing: payload) } catch { throw .notJSON(error) }
        guard let members = document.members, !members.isEmpty else {
            throw .malformed(field: "the manifest", reason: "is not an object with members")
        }
        guard document["signatures"] == nil else { throw .malformed(field: "signatures", reason: "already exist") }
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let brace = payload.lastIndex(of: UInt8(ascii: "}")) ?? payload.startIndex
        let cut = payload[..<brace].lastIndex { !isSpace($0) }.map { $0 + 1 } ?? payload.startIndex
        head = Array(payload[..<cut])
        tail = Array(payload[cut...])
    }

    /// The header that is signed along with the payload, and that allows the payload to be restored.
    func protectedHeader(time: String) -> [UInt8] {
        var writer = JSONWriter(.go)
        writer.object { writer in
            writer.key("formatLength")
            writer.integer(Int64(head.count))
            writer.key("formatTail")
            writer.string(Base64URL.encode(tail))
            writer.key("time")
            writer.string(time)
        }
        return writer.bytes
    }

    /// The manifest with the signature after its last member, indented like libtrust does.
    func document(protected: String, signature: [UInt8], key: P256PublicKey) -> [UInt8] {
        var writer = JSONWriter(.goIndented)
        writer.object { writer in
            writer.key("signatures")
            writer.array { writer in
                writer.object { writer in
                    writer.key("header")
                    writer.object { writer in
                        writer.key("jwk")
                        Self.write(key, to: &writer)
                        writer.key("alg")
                        writer.string("ES256")
                    }
                    writer.key("signature")
                    writer.string(Base64URL.encode(signature))
                    writer.key("protected")
                    writer.string(protected)
                }
            }
        }
        return head + [UInt8(ascii: ",")] + writer.bytes.dropFirst()
    }

    private static func write(_ key: P256PublicKey, to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, text) in [
                ("crv", "P-256"), ("kid", key.keyID), ("kty", "EC"), ("x", Base64URL.encode(key.x)),
                ("y", Base64URL.encode(key.y)),
            ] {
                writer.key(name)
                writer.string(text)
            }
        }
    }
}
