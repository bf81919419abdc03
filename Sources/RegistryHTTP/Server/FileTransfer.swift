/// How far a file's way to a client has come: which bytes next, and what to do when the file got shorter meanwhile.
///
/// The size of the file is asked for before each piece and while one is under way, because the kernel answers a read
/// past the end with "nothing sent", which NIO takes for "try again at once", for ever.
struct FileTransfer {
    /// What the owner does next.
    enum Action: Equatable {
        /// Give these bytes of the file to the kernel, then ask again.
        case send(Range<Int64>)
        /// All was sent.
        case finish
        /// The promised bytes are not there any more: close the connection.
        case abandon
    }

    private enum State {
        /// Up to here all was sent. Goes to `sending`, or is the last state.
        case ready(Int64)
        /// These bytes are with the kernel. Goes to `ready`.
        case sending(Range<Int64>)
    }

    /// The most bytes in one piece: some milliseconds of the event loop's time for the fastest of clients, and no more than
    /// the kernel buffers for any other.
    static let pieceByteCount: Int64 = 16 << 20

    private let start: Int64
    private let end: Int64
    private var state: State

    init(_ range: Range<Int64>) {
        start = range.lowerBound
        end = range.upperBound
        state = .ready(range.lowerBound)
    }

    /// Chooses the next piece, of a file that now has `fileByteCount` bytes. No piece may be under way.
    mutating func next(fileByteCount: Int64) -> Action {
        guard case .ready(let start) = state else { preconditionFailure("a piece is still under way") }
        if start >= end { return .finish }
        let piece = start..<min(end, start + Self.pieceByteCount)
        guard fileByteCount >= piece.upperBound else { return .abandon }
        state = .sending(piece)
        return .send(piece)
    }

    /// Notes that the piece under way was sent.
    mutating func pieceSent() {
        if case .sending(let piece) = state { state = .ready(piece.upperBound) }
    }

    /// How many bytes were sent, without the piece under way.
    var sentByteCount: Int64 {
        switch state {
        case .ready(let end): end - start
        case .sending(let piece): piece.lowerBound - start
        }
    }

    /// Whether a piece is with the kernel.
    var isSending: Bool {
        if case .sending = state { true } else { false }
    }

    /// Whether the piece under way can still be sent from a file that now has `fileByteCount` bytes.
    func canGoOn(fileByteCount: Int64) -> Bool {
        guard case .sending(let piece) = state else { return true }
        return fileByteCount >= piece.upperBound
    }
}
