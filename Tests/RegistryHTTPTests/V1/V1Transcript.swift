import Foundation
import ImageModel

/// A recorded request to docker-registry 0.9.1 and its response.
struct V1Transcript: Sendable {
    /// How the recorded and the actual body are compared.
    enum Comparison: String {
        case exact
        case json
        /// As lists in any order.
        case idset
        /// As search results: ignoring order, quoting and missing descriptions.
        case search
        /// Pages of the server's framework: not compared.
        case html
        case auto
    }

    let id: String
    let profile: String
    let request: JSONValue
    let response: JSONValue
    let comparison: Comparison
    /// The keys whose numbers change from day to day.
    let masks: [String]

    /// Loads all of them, in recorded order.
    static func all() throws -> [V1Transcript] {
        try Testdata.text("v1/transcripts.jsonl").split(separator: "\n").map { line in
            let entry = try JSONValue(parsing: Array(line.utf8))
            return V1Transcript(
                id: entry["id"]?.string ?? "",
                profile: entry["profile"]?.string ?? "",
                request: entry["req"] ?? .null,
                response: entry["resp"] ?? .null,
                comparison: entry["cmp"]?["body"]?.string.flatMap(Comparison.init) ?? .exact,
                masks: entry["cmp"]?["mask"]?.array?.compactMap(\.string) ?? []
            )
        }
    }

    /// The recorded status; 0 for a client that hung up.
    var status: Int { Int(response["status"]?.integer ?? 0) }

    var isHead: Bool { request["method"]?.string == "HEAD" }

    /// Whether the client disconnects without waiting for a response.
    var hangsUp: Bool { status == 0 }

    /// Whether the client sends its body only after `100 Continue`.
    var expectsContinue: Bool { Self.fields(request["headers"]).contains { $0.name == "Expect" } }

    /// The body of the request, without framing.
    var requestBody: [UInt8] { get throws { try Self.body(request["body"]) } }

    var halfCloses: Bool { request["halfclose"]?.boolean == true }

    /// The head of the request on the wire.
    func head(bodyByteCount: Int) -> String {
        var lines = ["\(request["method"]?.string ?? "") \(request["target"]?.string ?? "") HTTP/1.1"]
        lines += Self.fields(request["headers"]).map { "\($0.name): \($0.value)" }
        switch request["transfer"]?.string {
        case "chunked": lines.append("Transfer-Encoding: chunked")
        case "length": lines.append("Content-Length: \(request["declare"]?.integer ?? Int64(bodyByteCount))")
        default: break
        }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// The body after the head, framed, and cut where the client disconnected.
    func framed(_ body: [UInt8]) -> [UInt8] {
        var bytes = body
        if request["transfer"]?.string == "chunked" {
            let size = Int(request["chunk"]?.integer ?? 32768)
            bytes = []
            var rest = body[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(size)
                bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
                rest = rest.dropFirst(size)
            }
            bytes += Array("0\r\n\r\n".utf8)
        }
        return request["cut"]?.integer.map { Array(bytes.prefix(Int($0))) } ?? bytes
    }

    /// The bytes of a recorded body.
    static func body(_ value: JSONValue?) throws -> [UInt8] {
        if let text = value?["text"]?.string { return Array(text.utf8) }
        if let text = value?["b64"]?.string { return Array(Data(base64Encoded: text) ?? Data()) }
        if let name = value?["file"]?.string { return try Testdata.bytes("v1/bodies/\(name)") }
        return []
    }

    static func fields(_ value: JSONValue?) -> [(name: String, value: String)] {
        (value?.array ?? []).compactMap { field in
            guard let name = field.array?.first?.string, let value = field.array?.last?.string else { return nil }
            return (name, value)
        }
    }
}
