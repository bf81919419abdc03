import Foundation
import ImageModel
import RegistryHTTP

/// The parts of a response that v1 clients rely on, in comparable form.
struct V1AnswerComparison {
    /// Clients ignore all other headers.
    private static let contract: Set<String> = [
        "content-type", "cache-control", "expires", "pragma", "last-modified", "x-docker-size",
        "x-docker-checksum-payload", "x-docker-checksum", "x-docker-endpoints", "x-docker-token", "www-authenticate",
        "x-docker-registry-standalone", "accept-ranges", "content-range", "content-length", "location", "allow",
    ]
    /// Headers that must be absent unless they were recorded.
    private static let unwanted: Set<String> = ["set-cookie", "docker-distribution-api-version"]

    private let transcript: V1Transcript
    private let expectedBody: [UInt8]
    private let comparison: V1Transcript.Comparison

    init(_ transcript: V1Transcript) throws {
        self.transcript = transcript
        self.expectedBody = try V1Transcript.body(transcript.response["body"])
        let isPage = expectedBody.starts(with: Array("<!DOCTYPE HTML".utf8))
        self.comparison =
            switch transcript.comparison {
            case .auto: isPage ? .html : .exact
            default: transcript.comparison
            }
    }

    /// How `answer` differs from the recorded response; empty if it does not.
    func differences(_ answer: TestAnswer) -> [String] {
        var differences: [String] = []
        if answer.status != transcript.status {
            differences.append("status \(answer.status), not \(transcript.status)")
        }
        let expected = headers(V1Transcript.fields(transcript.response["headers"]))
        let actual = headers(answer.headers.map { ($0.name, $0.value) })
        for (name, values) in expected where actual[name] != values {
            differences.append("\(name): \(actual[name] ?? []), not \(values)")
        }
        for name in Self.unwanted where answer[name] != nil && expected[name] == nil {
            differences.append("\(name) is there")
        }
        if !isSameBody(answer.body) { differences.append("body \(answer.text.prefix(200))") }
        return differences
    }

    private func headers(_ fields: [(name: String, value: String)]) -> [String: [String]] {
        var result: [String: [String]] = [:]
        let ignoresLength = !transcript.masks.isEmpty || [.json, .idset, .search, .html].contains(comparison)
        for field in fields {
            let name = field.name.lowercased()
            guard Self.contract.contains(name), !(name == "content-length" && ignoresLength),
                !(name == "content-type" && comparison == .html)
            else { continue }
            result[name, default: []].append(normalised(field.value, of: name))
        }
        return result.mapValues { $0.sorted() }
    }

    private func normalised(_ value: String, of name: String) -> String {
        switch name {
        case "x-docker-token", "www-authenticate":
            value.replacing(/signature=[A-Z0-9]{16}\b/, with: "signature=S")
        case "expires": value.hasSuffix(" GMT") ? "in a year" : value
        case "allow": value.split(separator: ",").map { $0.drop { $0 == " " } }.sorted().joined(separator: ",")
        default: value
        }
    }

    private func isSameBody(_ body: [UInt8]) -> Bool {
        if comparison == .html { return true }
        let expected = masked(expectedBody)
        let actual = masked(body)
        if comparison == .exact { return expected == actual }
        guard let left = try? JSONValue(parsing: expected), let right = try? JSONValue(parsing: actual) else {
            return expected == actual
        }
        switch comparison {
        case .idset: return sorted(left.array ?? []) == sorted(right.array ?? [])
        case .search:
            return left["num_results"] == right["num_results"] && left["query"] == right["query"]
                && left.object?.count == right.object?.count && names(left) == names(right)
        default: return left.pythonEncoded() == right.pythonEncoded()
        }
    }

    private func masked(_ bytes: [UInt8]) -> [UInt8] {
        var text = String(decoding: bytes, as: UTF8.self)
        guard !transcript.masks.isEmpty, String(validating: bytes, as: UTF8.self) != nil else { return bytes }
        for mask in transcript.masks {
            guard let pattern = try? Regex("\"\(mask)\": ?[0-9]+") else { continue }
            text = text.replacing(pattern, with: "\"\(mask)\": 0")
        }
        return Array(text.utf8)
    }

    private func sorted(_ values: [JSONValue]) -> [String] {
        values.map { String(decoding: $0.pythonEncoded(), as: UTF8.self) }.sorted()
    }

    private func names(_ results: JSONValue) -> [String] {
        (results["results"]?.array ?? []).map { result in
            let name = String(percentDecoding: String(percentDecoding: result["name"]?.string ?? ""))
            return "\(name) \(result["description"]?.string ?? "")"
        }.sorted()
    }
}
