/// A response that a test's preparations cannot continue with.
struct UnexpectedAnswer: Error, CustomStringConvertible {
    let description: String

    init(_ answer: TestAnswer) { description = "\(answer.status): \(answer.text)" }
}
