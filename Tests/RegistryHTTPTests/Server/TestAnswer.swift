/// A response as received.
struct TestAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    var body: [UInt8] = []

    init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Parses a status line and header fields, or fails.
    init?(head: String) {
        var lines = head.split(separator: "\r\n").map(String.init)
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 ") else { return nil }
        guard let status = Int(first.dropFirst(9).prefix(3)) else { return nil }
        lines.removeFirst()
        self.status = status
        self.headers = lines.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
    }

    /// The first field of a lowercase name.
    subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The number of fields with this lowercase name.
    func count(of name: String) -> Int { headers.count { $0.name == name } }

    var text: String { String(decoding: body, as: UTF8.self) }
}
