extension TestClient {
    /// The last response on a connection, with a length or chunked.
    func receiveLastAnswer(hasBody: Bool) throws -> TestAnswer {
        var answer = try receiveHead()
        while answer.status == 100 { answer = try receiveHead() }
        guard hasBody else { return answer }
        if answer["transfer-encoding"] == "chunked" {
            answer.body = try receiveChunks()
        } else if let length = answer["content-length"].flatMap({ Int($0) }) {
            answer.body = try receive(exactly: length)
        }
        return answer
    }

    private func receiveChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            var line: [UInt8] = []
            while line.suffix(2) != [13, 10] { line += try receive(exactly: 1) }
            guard let count = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) else {
                throw Failure.malformedHead(String(decoding: line, as: UTF8.self))
            }
            body += try receive(exactly: count)
            _ = try receive(exactly: 2)
            if count == 0 { return body }
        }
    }
}
