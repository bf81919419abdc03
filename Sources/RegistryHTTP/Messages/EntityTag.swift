import ImageModel
import RegistryCore

/// The `ETag` of content addressed by its digest.
struct EntityTag: CustomStringConvertible {
    private let digest: Digest

    init(_ digest: Digest) { self.digest = digest }

    var description: String { "\"\(digest)\"" }

    /// Whether `If-None-Match` contains it; old clients send the digest without quotes.
    func isNamed(by headers: [String]) -> Bool {
        headers.isEmpty ? false : Self.texts(in: headers).contains { $0 == digest.description || $0 == "*" }
    }

    /// The digests in a list of entity tags; nil without such a header.
    static func digests(in headers: [String]) -> DigestList? {
        guard !headers.isEmpty else { return nil }
        let texts = texts(in: headers)
        if texts.contains("*") { return .any }
        // A tag that is not a digest matches nothing here.
        return .only(Set(texts.compactMap { try? Digest(parsing: $0) }))
    }

    private static func texts(in headers: [String]) -> [String] {
        headers.flatMap { $0.split(separator: ",") }.map { candidate in
            var text = candidate.drop { $0 == " " }
            if text.hasPrefix("W/") { text = text.dropFirst(2) }
            return text.filter { $0 != "\"" && $0 != " " }
        }
    }
}
