import Foundation
import ImageModel

/// A recorded request of a real Docker engine to docker-registry 0.9.1 or registry:2, and its response.
///
/// The bytes of layers were not recorded: a replay creates its own.
struct RecordedExchange: Sendable {
    let method: String
    let target: String
    /// The request's fields, without those that the client's transport adds.
    let headers: [String: String]
    let body: String
    /// The digest of the request's body, recorded even where the body is not.
    let bodyDigest: String?
    let status: Int
    let answerHeaders: [String: String]
    let answer: String

    /// Loads the requests that one command of an engine made it send, in order.
    static func all(_ file: String) throws -> [RecordedExchange] {
        try Testdata.text("clients/\(file).txt").split(separator: "\n>>> ").dropFirst().compactMap(parse)
    }

    private static func parse(_ text: Substring) -> RecordedExchange? {
        let sides = text.split(separator: "\n<<< ")
        guard sides.count == 2 else { return nil }
        let request = Message(sides[0])
        let answer = Message(sides[1])
        let words = request.first.split(separator: " ")
        guard words.count == 5,
            let status = answer.first.components(separatedBy: "HTTP/1.1 ").last.flatMap({ Int($0.prefix(3)) })
        else { return nil }
        let added: Set<String> = ["Host", "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding"]
        return RecordedExchange(
            method: String(words[2]),
            target: String(words[3]),
            headers: request.headers.filter { !added.contains($0.key) },
            body: request.body,
            bodyDigest: request.bodyDigest,
            status: status,
            answerHeaders: answer.headers,
            answer: answer.body
        )
    }

    /// One side of an exchange: a first line, fields after four blanks, and the body after bars.
    private struct Message {
        let first: Substring
        var headers: [String: String] = [:]
        let body: String
        let bodyDigest: String?

        init(_ text: Substring) {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            first = lines.first ?? ""
            for line in lines.dropFirst() where line.hasPrefix("    ") {
                let field = line.dropFirst(4).split(separator: ":", maxSplits: 1)
                guard field.count == 2 else { continue }
                let value = field[1].trimmingCharacters(in: .whitespaces)
                headers[String(field[0]), default: ""] += headers[String(field[0])] == nil ? value : ", \(value)"
            }
            bodyDigest = text.firstMatch(of: /\n   \[body \d+ bytes (sha256:[0-9a-f]{64})/).map { String($0.1) }
            let bar = "   | "
            body = lines.filter { $0.hasPrefix(bar) }.map { String($0.dropFirst(bar.count)) }.joined(separator: "\n")
        }
    }
}

extension RecordedExchange {
    /// The image of the request, if it has one.
    var image: String? {
        let words = target.split(separator: "/")
        return words.count == 4 && words[1] == "images" ? String(words[2]) : nil
    }

    /// The requested part of an image: `json`, `layer`, `checksum` or `ancestry`.
    var part: String? { image == nil ? nil : target.split(separator: "/").last.map(String.init) }
}
