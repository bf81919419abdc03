import ImageModel
import SystemLibraries

extension FuzzTarget {
    /// A tar with corrected checksums, as read by each tar reader.
    static let tar = FuzzTarget(waiting: "tar") { input in
        try await readTar(TarRepair.repaired(input))
    }

    /// Reads a tar with each reader, whole and in pieces, with the same result.
    static func readTar(_ tar: [UInt8]) async throws {
        let walks = [
            walk { take in try tar.withUnsafeBytes { try take($0) } }, walk { try FuzzInput.inPieces(tar, $0) },
        ]
        try require(walks[0] == walks[1], "a walk does not depend on the pieces")
        let entries = [
            entries { take in try tar.withUnsafeBytes { try take($0) } },
            self.entries { try FuzzInput.inPieces(tar, $0) },
        ]
        try require(entries[0] == entries[1], "entries do not depend on the pieces")
        let index = try? await TarIndex { offset, byteCount in
            try require(offset >= 0 && byteCount >= 0, "no bytes are skipped before a tar")
            return Array(tar[min(Int(offset), tar.count)...].prefix(byteCount))
        }
        for member in index?.members ?? [] {
            try require(member.offset >= 512 && member.byteCount >= 0, "a member follows its header")
        }
    }

    /// Whether a walk succeeds, and whether the tar has an end.
    private static func walk(_ feed: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) -> [Bool] {
        var walker = TarWalker()
        do {
            try feed { try walker.walk($0) }
            try walker.finish()
        } catch {
            return [false]
        }
        return [true, walker.hasEnd]
    }

    /// The hash sums and sizes of the entries; nil for a damaged tar.
    private static func entries(_ feed: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) -> [String]? {
        var reader = TarEntryReader()
        var sums = TarSums.Version.allCases.map { TarSums($0) }
        var byteCount = 0
        do {
            try feed { piece in
                try reader.read(piece) { event in
                    for index in sums.indices { sums[index].take(event) }
                    if case .content(let bytes) = event { byteCount += bytes.count }
                }
            }
            try reader.finish()
        } catch {
            return nil
        }
        return sums.map { $0.tarsum(ofV1ImageJSON: []) ?? "" } + ["\(byteCount)"]
    }
}
