import SystemLibraries

extension FuzzTarget {
    /// pax records before a file, as read by each tar reader.
    static let pax = FuzzTarget(waiting: "pax") { input in
        let tar =
            TarRepair.header(type: "x", byteCount: input.count) + TarRepair.padded(input)
            + TarRepair.header(type: "0", byteCount: 3) + TarRepair.padded(Array("abc".utf8))
            + [UInt8](repeating: 0, count: 1024)
        try await readTar(tar)
    }
}
