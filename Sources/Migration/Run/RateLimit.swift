/// Holds readers back so that, all together, they take no more bytes a second than they may.
actor RateLimit {
    private let bytesPerSecond: Double
    /// When the bytes that were taken so far have had their time.
    private var free = ContinuousClock.now

    /// - Parameter bytesPerSecond: Above 0.
    init(_ bytesPerSecond: Int64) { self.bytesPerSecond = Double(bytesPerSecond) }

    /// Takes `byteCount` bytes, and returns when their time is over.
    func take(_ byteCount: Int) async throws {
        free = max(free, .now) + .seconds(Double(byteCount) / bytesPerSecond)
        try await Task.sleep(until: free, clock: .continuous)
    }
}
