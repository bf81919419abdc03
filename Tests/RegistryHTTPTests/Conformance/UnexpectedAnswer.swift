/// An answer that a test's preparations cannot go on with.
struct UnexpectedAnswer: Error, CustomStringConvertible {
    let answer: TestAnswer

    var description: String { "\(answer.status): \(answer.text)" }
}
