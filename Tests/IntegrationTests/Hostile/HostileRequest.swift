/// A request that no honest client sends.
struct HostileRequest: CustomStringConvertible {
    /// What is wrong with it.
    let description: String
    /// What is sent, in pieces.
    let pieces: [[UInt8]]
    /// The statuses that are right; nil for any but a failure of the server, and for a close.
    let statuses: Set<Int>?

    init(_ description: String, _ bytes: [UInt8], statuses: Set<Int>? = nil) {
        self.description = description
        pieces = [bytes]
        self.statuses = statuses
    }

    init(_ description: String, _ text: String, statuses: Set<Int>? = nil) {
        self.init(description, Array(text.utf8), statuses: statuses)
    }

    /// These pieces, whatever is answered to them.
    init(_ description: String, pieces: [[UInt8]]) {
        self.description = description
        self.pieces = pieces
        statuses = nil
    }

    /// The same in pieces that `generator` cuts.
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
