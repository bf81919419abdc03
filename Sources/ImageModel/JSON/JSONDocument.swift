/// A validated JSON document: its bytes and the positions of all values.
///
/// Tokens are in document order: an object's token is followed by its keys, each followed by its value's tokens.
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

    /// Validates all of `bytes`.
    ///
    /// - Parameter depthLimit: The maximum nesting depth of objects and arrays.
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
