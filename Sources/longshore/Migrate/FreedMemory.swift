import Glibc

/// Memory that this process has freed.
enum FreedMemory {
    /// Keeps it for what is allocated next, where the C library can be told to.
    ///
    /// glibc gives a piece as large as those that layers are read in back to the system as soon as it is free. The next
    /// one costs a page fault for each of its pages then: in a migration a third of all that the system does.
    static func keep() {
        // mallopt(3) is in a header that Swift does not import.
        guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "mallopt") else { return }
        let setOption = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        for option in [mapThreshold, trimThreshold] { _ = setOption(option, byteCount) }
    }

    /// M_MMAP_THRESHOLD: how large a piece comes out of a heap at most.
    private static let mapThreshold: Int32 = -3
    /// M_TRIM_THRESHOLD: how much stays free at the end of a heap.
    private static let trimThreshold: Int32 = -1
    /// The most that glibc takes for either.
    private static let byteCount: Int32 = 32 << 20
}
