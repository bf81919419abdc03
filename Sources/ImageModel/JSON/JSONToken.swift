/// A value or a key of a JSON document, as a range of the document's bytes.
///
/// Offsets are kept in 32 bits: a document of 4 MiB can have two million tokens.
struct JSONToken: Sendable {
    enum Kind: Sendable {
        case object, array, key, string, number, boolean, null
    }

    /// The most bytes that a document may have.
    static let documentByteLimit = Int(UInt32.max)

    let kind: Kind
    private let startOffset: UInt32
    private var endOffset: UInt32
    private var nextIndex: UInt32

    /// Where the token begins, in bytes from the start of the document.
    var start: Int { Int(startOffset) }

    /// Where the token ends: for an object or array, behind its bracket.
    var end: Int {
        get { Int(endOffset) }
        set { endOffset = UInt32(newValue) }
    }

    /// The index of the token that follows this one and all that it holds.
    var next: Int {
        get { Int(nextIndex) }
        set { nextIndex = UInt32(newValue) }
    }

    /// A token of a document that has at most ``documentByteLimit`` bytes.
    init(kind: Kind, start: Int, end: Int, next: Int) {
        self.kind = kind
        startOffset = UInt32(start)
        endOffset = UInt32(end)
        nextIndex = UInt32(next)
    }
}
