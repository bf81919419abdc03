/// A request that no honest client sends.
struct HostileRequest: CustomStringConvertible {
    /// What is wrong with it.
    let description: String
    /// The bytes to send, in pieces.
    let pieces: [[UInt8]]
    /// The acceptable statuses; nil for any except server errors, or a closed connection.
    let statuses: Set<Int>?

    init(_ description: String, _ bytes: [UInt8], statuses: Set<Int>? = nil) {
        self.description = description
        pieces = [bytes]
        self.statuses = statuses
    }

    init(_ description: String, _ text: String, statuses: Set<Int>? = nil) {
        self.init(description, Array(text.utf8), statuses: statuses)
    }

    /// A request of these pieces with any response.
    init(_ description: String, pieces: [[UInt8]]) {
        self.description = description
        self.pieces = pieces
        statuses = nil
    }

    /// A request cut into pieces by `generator`.
    init(
        _ description: String,
        split text: String,
        statuses: Set<Int>,
        using generator: inout some RandomNumberGenerator
    ) {
        var rest = Array(text.utf8)[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...12, using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        self.description = description
        self.pieces = pieces
        self.statuses = statuses
    }
}
