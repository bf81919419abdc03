internal import Synchronization

/// Limits how many arriving layers are decompressed at once, because each takes memory for as long as its client takes
/// to send it. A layer without a turn is stored all the same, and read later when another form of it is requested.
package final class DecoderTurns: Sendable {
    /// A layer's turn, which ends when the last reference to it is released.
    final class Turn: Sendable {
        private let turns: DecoderTurns
        private let isLarge: Bool

        fileprivate init(_ turns: DecoderTurns, isLarge: Bool) {
            self.turns = turns
            self.isLarge = isLarge
        }

        deinit { turns.free.withLock { isLarge ? ($0.large += 1) : ($0.small += 1) } }
    }

    /// The turns of the whole process: 300 KiB each for gzip, ``largeMemoryLimit`` for xz or lzma; `xz -9` takes 65
    /// MiB.
    static let arriving = DecoderTurns(small: 64, large: 1)
    /// The maximum memory of a large decoder.
    static let largeMemoryLimit: UInt64 = 72 << 20

    private let free: Mutex<(small: Int, large: Int)>

    init(small: Int, large: Int) { free = Mutex((small, large)) }

    /// A turn for a stream of this compression; nil if none is free. zstd never gets one: no engine pushes it through
    /// the v1 API, and each of its frames can demand a different amount of memory.
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
