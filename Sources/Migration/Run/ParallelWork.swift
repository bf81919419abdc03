/// Works on many items, as many at once as there are jobs.
struct ParallelWork: Sendable {
    /// The number of items in progress at once.
    let jobs: Int

    /// Works on all items and passes each result to `each`, one at a time.
    ///
    /// - Throws: The first error of `work` or `each`; the remaining items are cancelled and awaited.
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

    /// The result of `work`: a failure that concerns one image is returned, any other is thrown.
    func outcome<Value: Sendable>(
        _ work: () async throws -> Value
    ) async throws -> Result<Value, any Error> {
        do {
            return .success(try await work())
        } catch {
            // A cancelled copy reports a failed write, which is not the image's fault.
            try Task.checkCancellation()
            guard error.isOfOneImage else { throw error }
            return .failure(error)
        }
    }
}
