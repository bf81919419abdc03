/// The version of Docker that made an image, as engines compare it: numbers between dots.
struct DockerVersion: Comparable {
    private let parts: [Int]

    /// Reads `docker_version`: a part that is not a number counts as 0, `1.8.3-el7` so as 1.8.0.
    init(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        self.parts = parts.map { Self.number(Array($0)) }
    }

    static func == (left: DockerVersion, right: DockerVersion) -> Bool { !(left < right) && !(right < left) }

    static func < (left: DockerVersion, right: DockerVersion) -> Bool {
        let count = max(left.parts.count, right.parts.count)
        return left.padded(to: count).lexicographicallyPrecedes(right.padded(to: count))
    }

    private func padded(to count: Int) -> [Int] {
        parts + Array(repeating: 0, count: count - parts.count)
    }

    /// What Go's `strconv.Atoi` returns beside its error: 0 for what is no number, the limit for what is too large.
    private static func number(_ text: [UInt8]) -> Int {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return 0
        }
        return Int(String(decoding: text, as: UTF8.self)) ?? (isNegative ? .min : .max)
    }
}
