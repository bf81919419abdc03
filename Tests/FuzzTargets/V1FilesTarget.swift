import ImageModel

extension FuzzTarget {
    /// The files next to a v1 image: `ancestry` and `_checksum`.
    static let v1Files = FuzzTarget("v1-files") { input in
        if let ancestry = try? V1Ancestry(parsing: input) {
            try require(
                try V1Ancestry(parsing: ancestry.encoded) == ancestry,
                "an ancestry that is written is read again"
            )
            try require(Set(ancestry.ids).count == ancestry.ids.count, "nobody is their own ancestor")
        }
        guard let checksum = try? V1Checksum(parsing: input) else { return }
        let written = JSONValue.array(checksum.all.map { .string($0) }).pythonEncoded()
        try require(try V1Checksum(parsing: written) == checksum, "checksums that are written are read again")
        try require(checksum.payloadDigests.count <= checksum.all.count, "digests are among the checksums")
    }
}
