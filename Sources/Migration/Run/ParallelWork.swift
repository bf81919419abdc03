/// Works on many items, so many at once as there are jobs.
struct ParallelWork: Sendable {
    /// How many items are worked on at once.
    let jobs: Int

    /// Works on all items and hands each result to `each`, one after the other.
    ///
    /// - Throws: What `work` or `each` throws first; the others are cancelled then, and waited for.
    func run<Item: Sendable, Value: Sendable>(
        _ items: [Item],
        _ work: @escaping @Sendable (Item) async throws -> Value,
        each: (Item, Value) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Item, Value).self) { group in
            var rest = items[...]
            for item in rest.prefix(jobs) { group.addTask { (item, try await work(item)) } }
            rest = rest.dropFirst(jobs)
            while let (item, value) = try await group.next() {
                try await each(item, value)
                try Task.checkCancellation()
                if let next = rest.popFirst() { group.addTask { (next, try await work(next)) } }
            }
        }
    }

    /// What comes of `work`; what is the fault of one image alone is a failure, all else is thrown.
    func outcome<Value: Sendable>(
        _ work: () async throws -> Value
    ) async throws -> Result<Value, any Error> {
        do {
            return .success(try await work())
        } catch {
            // A cancelled copy says that it could not be written: that is nobody's fault.
            try Task.checkCancellation()
            guard error.isOfOneImage else { throw error }
            return .failure(error)
        }
    }
}
