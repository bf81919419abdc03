import ImageModel

extension FuzzTarget {
    /// The files next to a v1 image: `ancestry` and `_checksum`.
    static let v1Files = FuzzTarget("v1-files") { input in
        if let ancestry = try? V1Ancestry(parsing: input) {
            try require(
                try V1Ancestry(parsing: ancestry.encoded) == ancestry,
                "an ancestry can be written and read back"
            )
            try require(Set(ancestry.ids).count == ancestry.ids.count, "no image is its own ancestor")
        }
        guard let checksum = try? V1Checksum(parsing: input) else { return }
        let written = JSONValue.array(checksum.all.map { .string($0) }).pythonEncoded()
        try require(try V1Checksum(parsing: written) == checksum, "checksums can be written and read back")
        try require(checksum.payloadDigests.count <= checksum.all.count, "digests are among the checksums")
    }
}
