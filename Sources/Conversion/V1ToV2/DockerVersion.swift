/// The version of Docker that created an image, as engines compare it: numbers separated by dots.
struct DockerVersion: Comparable {
    private let parts: [Int]

    /// Parses `docker_version`. A part that is not a number counts as 0, so `1.8.3-el7` equals 1.8.0.
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

    /// The value Go's `strconv.Atoi` returns along with an error: 0 if it is not a number, the limit if it is too
    /// large.
    private static func number(_ text: [UInt8]) -> Int {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return 0
        }
        return Int(String(decoding: text, as: UTF8.self)) ?? (isNegative ? .min : .max)
    }
}
