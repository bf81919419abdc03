/// A value or a key of a JSON document, as a range of the document's bytes.
struct JSONToken: Sendable {
    enum Kind: Sendable {
        case object, array, key, string, number, boolean, null
    }

    let kind: Kind
    /// Where the token begins, in bytes from the start of the document.
    let start: Int
    /// Where the token ends: for an object or array, behind its bracket.
    var end: Int
    /// The index of the token that follows this one and all that it holds.
    var next: Int
}
