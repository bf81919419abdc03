extension Array where Element: Sendable {
    /// Transforms the elements concurrently, `width` at a time, and returns the results in order.
    ///
    /// Long lists usually mean many small files, which are read much faster in parallel.
    func mapInParallel<Value: Sendable>(
        width: Int = 64,
        _ transform: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var values = [Value?](repeating: nil, count: count)
            for index in 0..<Swift.min(width, count) {
                group.addTask { (index, try await transform(self[index])) }
            }
            var next = Swift.min(width, count)
            while let (index, value) = try await group.next() {
                values[index] = value
                guard next < count else { continue }
                group.addTask { [next] in (next, try await transform(self[next])) }
                next += 1
            }
            return values.compactMap(\.self)
        }
    }
}
