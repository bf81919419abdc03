import ImageModel
import SystemLibraries

extension FuzzTarget {
    /// The saved state of a hash, which continues where it left off.
    static let savedHash = FuzzTarget("saved-hash") { input in
        if let restored = try? StreamingDigest(restoring: input) {
            try require(restored.savedState == input, "a restored state is saved unchanged")
            var hash = restored
            hash.update(input)
            _ = hash.digest()
        }
        for algorithm in Digest.Algorithm.allCases {
            var hash = StreamingDigest(algorithm)
            hash.update(input)
            let saved = hash.savedState
            try require(try StreamingDigest(restoring: saved).digest() == hash.digest(), "a hash continues")
            // Correct the checksum at the end for the changes before it.
            let changed = input.prefix(saved.count - 8) + saved.dropFirst(input.count).dropLast(8)
            let checked = Array(changed) + Array(Digest(.sha256, of: changed).hex.utf8.prefix(8))
            if var other = try? StreamingDigest(restoring: checked) {
                other.update(input)
                _ = other.digest()
            }
        }
    }
}
