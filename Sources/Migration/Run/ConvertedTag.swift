package import ImageModel

/// A tag that v2 has now.
package struct ConvertedTag: Hashable, Sendable {
    /// How it came to be there.
    package enum Outcome: String, Codable, Sendable {
        /// It was converted in this run.
        case converted
        /// An earlier run had converted it, and nothing has changed since.
        case unchanged
        /// v2 had another image under that name that no run had put there, or a newer one, which stays.
        case kept
    }

    package let tag: SurveyedTag
    /// The digest of the configuration, which Docker shows as the image's id; nil for what has none.
    package let imageID: Digest?
    /// The digest of the manifest.
    package let manifest: Digest
    package let outcome: Outcome
    /// How many bytes its layers have; nil where that was not looked at.
    package let byteCount: Int64?
}
