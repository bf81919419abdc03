/// Finds known words similar to an unknown one.
enum Spelling {
    /// The nearest of `words`, if at most a third of the letters differ.
    static func nearest(to word: String, among words: [String]) -> String? {
        let limit = max(word.count / 3, 1)
        // Keys can be of any length: skip words whose length differs too much.
        return words.filter { abs($0.utf8.count - word.lowercased().utf8.count) <= limit }
            .map { (word: $0, distance: distance(word.lowercased(), $0.lowercased())) }
            .filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.word
    }

    /// The longest of `words` that is a prefix of `word`, or has it as prefix: `auth` for `authentication`.
    static func kin(of word: String, among words: [String]) -> String? {
        let word = word.lowercased()
        guard word.count > 2 else { return nil }
        return words.filter { word.hasPrefix($0) || $0.hasPrefix(word) }.max { $0.count < $1.count }
    }

    /// The number of letters to insert, delete, replace or swap with a neighbour to turn one word into the other.
    static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first.utf8)
        let second = Array(second.utf8)
        var beforePrevious: [Int] = []
        var previous = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            for column in second.indices {
                let isSame = first[row] == second[column]
                var least = min(previous[column] + (isSame ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    least = min(least, beforePrevious[column - 1] + 1)
                }
                current.append(least)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[second.count]
    }
}
