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

    /// Runs `body` on each element, `width` at a time.
    ///
    /// - Parameter progress: Called with the number of elements that are begun.
    func forEachInParallel(
        width: Int,
        _ body: @escaping @Sendable (Element) async throws -> Void,
        progress: (Int) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, element) in enumerated() {
                if index >= width { try await group.next() }
                progress(index + 1)
                group.addTask { try await body(element) }
            }
            try await group.waitForAll()
        }
    }
}

extension Array {
    /// The elements in order, at most `count` at a time.
    func steps(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
