import SystemLibraries

extension FuzzTarget {
    /// A stored layer, scanned whole and in pieces, with every option of a scan.
    static let layer = FuzzTarget("layer") { input in
        let input = TarRepair.repaired(input)
        let whole = scan { take in input.withUnsafeBytes { take($0) } }
        let pieces = scan { take in FuzzInput.inPieces(input, take) }
        try require(whole.storedBytes == pieces.storedBytes, "the stored bytes do not depend on the pieces")
        let facts = try? whole.finish()
        try require((try? pieces.finish()) == facts, "the facts do not depend on the pieces")
        if facts != nil { try require(whole.tarsums.sorted() == pieces.tarsums.sorted(), "nor the tarsums") }
    }

    private static func scan(_ feed: ((UnsafeRawBufferPointer) -> Void) -> Void) -> LayerScan {
        let scan = LayerScan(
            v1ImageJSON: Array("{}".utf8),
            isRecompressing: true,
            tarsums: Set(TarSums.Version.allCases)
        )
        feed { piece in
            scan.update(piece)
            _ = scan.takeRecompressed()
        }
        return scan
    }
}
