/// Waits until a condition holds, at most a minute.
func poll(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NeverHeld()
}

/// An awaited condition did not hold in time.
struct NeverHeld: Error {}
