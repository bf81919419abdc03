/// The progress of sending a file: which bytes to send next, and what to do if the file became shorter meanwhile.
///
/// The file's size is checked before each piece and while one is in progress: for a read past the end, the kernel
/// reports "nothing sent", which NIO takes for "try again at once", forever.
struct FileTransfer {
    /// The next step of the owner.
    enum Action: Equatable {
        /// Pass these bytes of the file to the kernel, then ask again.
        case send(Range<Int64>)
        /// Everything was sent.
        case finish
        /// The announced bytes no longer exist: close the connection.
        case abandon
    }

    private enum State {
        /// Everything up to this offset was sent. Followed by `sending`, or final.
        case ready(Int64)
        /// These bytes are with the kernel. Followed by `ready`.
        case sending(Range<Int64>)
    }

    /// The most bytes in one piece: a few milliseconds of event loop time for the fastest clients, and no more than the
    /// kernel buffers for the others.
    static let pieceByteCount: Int64 = 16 << 20

    private let start: Int64
    private let end: Int64
    private var state: State

    init(_ range: Range<Int64>) {
        start = range.lowerBound
        end = range.upperBound
        state = .ready(range.lowerBound)
    }

    /// Returns the next step, for a file that now has `fileByteCount` bytes. No piece may be in progress.
    mutating func next(fileByteCount: Int64) -> Action {
        guard case .ready(let start) = state else { preconditionFailure("a piece is still in progress") }
        if start >= end { return .finish }
        let piece = start..<min(end, start + Self.pieceByteCount)
        guard fileByteCount >= piece.upperBound else { return .abandon }
        state = .sending(piece)
        return .send(piece)
    }

    /// Records that the current piece was sent.
    mutating func pieceSent() {
        if case .sending(let piece) = state { state = .ready(piece.upperBound) }
    }

    /// The bytes sent so far, without the current piece.
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

    /// Whether the current piece can still be sent from a file that now has `fileByteCount` bytes.
    func canGoOn(fileByteCount: Int64) -> Bool {
        guard case .sending(let piece) = state else { return true }
        return fileByteCount >= piece.upperBound
    }
}
