/// Waits until something holds, a minute at most.
func poll(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NeverHeld()
}

/// What a test waited for did not come.
struct NeverHeld: Error {}
