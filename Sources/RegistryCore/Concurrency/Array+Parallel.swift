extension Array where Element: Sendable {
    /// What `transform` makes of each element, in their order; so many are worked on at a time.
    ///
    /// A long list is a matter of many small files, which are looked at much faster together.
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
