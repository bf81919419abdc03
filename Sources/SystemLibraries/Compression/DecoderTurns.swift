internal import Synchronization

/// Lets so many layers be decompressed at once that arrive from clients, since each holds memory for as long as its client
/// takes. Where it is nobody's turn a layer is stored all the same; it is read when it is asked for in another form.
package final class DecoderTurns: Sendable {
    /// A layer's turn, which ends with the last reference to it.
    final class Turn: Sendable {
        private let turns: DecoderTurns
        private let isLarge: Bool

        fileprivate init(_ turns: DecoderTurns, isLarge: Bool) {
            self.turns = turns
            self.isLarge = isLarge
        }

        deinit { turns.free.withLock { isLarge ? ($0.large += 1) : ($0.small += 1) } }
    }

    /// Those of the whole process: 300 KiB each for gzip, ``largeMemoryLimit`` for xz or lzma, of which `xz -9` takes 65 MiB.
    static let arriving = DecoderTurns(small: 64, large: 1)
    /// The most memory that one of the large ones may take.
    static let largeMemoryLimit: UInt64 = 72 << 20

    private let free: Mutex<(small: Int, large: Int)>

    init(small: Int, large: Int) { free = Mutex((small, large)) }

    /// A turn for a stream of this compression; nil when there is none. zstd, which no engine pushes by v1, and whose
    /// memory its frames decide one after the other, never has one.
    func take(for compression: Compression) -> Turn? {
        let isLarge: Bool
        switch compression {
        case .none, .gzip, .bzip2: isLarge = false
        case .xz, .lzma: isLarge = true
        case .zstd: return nil
        }
        let isTaken = free.withLock { free in
            guard (isLarge ? free.large : free.small) > 0 else { return false }
            if isLarge { free.large -= 1 } else { free.small -= 1 }
            return true
        }
        return isTaken ? Turn(self, isLarge: isLarge) : nil
    }
}
