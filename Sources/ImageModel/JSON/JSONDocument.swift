/// A checked JSON document: its bytes, and where in them each value stands.
///
/// The tokens are in the order of the document: an object's are its keys, each followed by its value's.
struct JSONDocument: Sendable {
    let bytes: [UInt8]
    let tokens: [JSONToken]

    /// The document `null`.
    static let null = JSONDocument(
        bytes: Array("null".utf8),
        tokens: [JSONToken(kind: .null, start: 0, end: 4, next: 1)]
    )

    private init(bytes: [UInt8], tokens: [JSONToken]) {
        self.bytes = bytes
        self.tokens = tokens
    }

    /// Checks `bytes` from the first to the last.
    ///
    /// - Parameter depthLimit: how deeply objects and arrays may nest.
    init(parsing bytes: [UInt8], depthLimit: Int) throws(JSONSyntaxError) {
        guard bytes.count <= JSONToken.documentByteLimit else { throw JSONSyntaxError(reason: .tooLong, offset: 0) }
        var reader = JSONReader(bytes, depthLimit: depthLimit)
        var tokens: [JSONToken] = []
        var open: [Int] = []
        while let piece = try reader.next() {
            switch piece {
            case .opening(let kind, let start):
                open.append(tokens.count)
                tokens.append(JSONToken(kind: kind, start: start, end: start, next: 0))
            case .scalar(let kind, let range):
                tokens.append(
                    JSONToken(kind: kind, start: range.lowerBound, end: range.upperBound, next: tokens.count + 1)
                )
            case .closing(let end):
                let index = open.removeLast()
                tokens[index].end = end
                tokens[index].next = tokens.count
            }
        }
        self.bytes = bytes
        self.tokens = tokens
    }
}
