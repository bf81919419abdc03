/// A value or key of a JSON document, as a range of its bytes.
///
/// Offsets are kept in 32 bits: a document of 4 MiB can have two million tokens.
struct JSONToken: Sendable {
    enum Kind: Sendable {
        case object, array, key, string, number, boolean, null
    }

    /// The maximum size of a document in bytes.
    static let documentByteLimit = Int(UInt32.max)

    let kind: Kind
    private let startOffset: UInt32
    private var endOffset: UInt32
    private var nextIndex: UInt32

    /// The start of the token, in bytes from the start of the document.
    var start: Int { Int(startOffset) }

    /// The end of the token; for an object or array, after its closing bracket.
    var end: Int {
        get { Int(endOffset) }
        set { endOffset = UInt32(newValue) }
    }

    /// The index of the token after this one and everything nested in it.
    var next: Int {
        get { Int(nextIndex) }
        set { nextIndex = UInt32(newValue) }
    }

    /// A token in a document of at most ``documentByteLimit`` bytes.
    init(kind: Kind, start: Int, end: Int, next: Int) {
        self.kind = kind
        startOffset = UInt32(start)
        endOffset = UInt32(end)
        nextIndex = UInt32(next)
    }
}
