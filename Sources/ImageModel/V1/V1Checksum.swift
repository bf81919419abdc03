/// The content of a v1 image's `_checksum`, in every format docker-registry has used.
///
/// A JSON list of strings; earlier a JSON string; originally bare text.
package struct V1Checksum: Hashable, Sendable {
    /// The checksums as written: `sha256:…`, `tarsum+sha256:…`.
    package let all: [String]

    /// Parses the untrusted file, which another program may have written.
    package init(parsing bytes: [UInt8]) throws(MalformedV1Checksum) {
        // Not being JSON is no error yet: the first versions wrote bare text.
        if let document = try? JSONText(parsing: bytes) {
            let values = document.elements ?? [document]
            let strings = values.compactMap(\.string)
            guard strings.count == values.count else { throw MalformedV1Checksum(text: document.quoted) }
            self.all = strings
        } else {
            let text = String(decoding: bytes, as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count == 1, let word = words.first, Self.isBareChecksum(word) else {
                throw MalformedV1Checksum(text: String(text.prefix(80)))
            }
            self.all = [String(word)]
        }
    }

    /// The entries `sha256:HEX`: hashes of the `json`, a line feed and the layer.
    package var payloadDigests: [Digest] {
        all.compactMap { text in
            // Other algorithms may be present too: an entry that does not parse is of another kind, not malformed.
            guard let digest = try? Digest(parsing: text), digest.algorithm == .sha256 else { return nil }
            return digest
        }
    }

    /// The `tarsum…` entries of any version: sums over the `json` and the tar's entries, however the tar is packed.
    package var tarsums: [String] { all.filter { $0.hasPrefix("tarsum") } }

    private static func isBareChecksum(_ word: Substring) -> Bool {
        let parts = word.split(separator: ":", maxSplits: 1)
        return parts.count == 2 && parts[1].utf8.allSatisfy(\.isLowercaseHexDigit)
            && parts[0].utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"[]{},".utf8.contains($0) }
    }
}

/// The error for data that is not a valid `_checksum`.
package struct MalformedV1Checksum: Error, Equatable, CustomStringConvertible {
    /// The start of the data.
    package let text: String

    package var description: String { "'\(text)' is not a checksum" }
}
