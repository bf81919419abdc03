/// Sends one request on a new connection.
func exchange(
    _ method: String,
    _ target: String,
    headers: [String: String] = [:],
    body: [UInt8] = [],
    port: Int
) async throws -> TestAnswer {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: registry.test:5000\r\nConnection: close\r\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    if !body.isEmpty || method == "PUT" || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
    let request = Array((head + "\r\n").utf8) + body
    return try await withClient(of: port) { client in
        try client.send(request)
        return try client.receiveAnswer(withBody: method != "HEAD")
    }
}

/// A daemon that pushes and pulls through v1.
struct V1Daemon: Sendable {
    let port: Int
    var agent = "docker/1.5.0 go/go1.4.1 git-commit/a8a31ef kernel/3.16.0-4-amd64 os/linux arch/amd64"
    /// The credentials it sends.
    var authorization: String?

    private func headers(_ more: [String: String] = [:]) -> [String: String] {
        var headers = more
        headers["User-Agent"] = agent
        headers["Authorization"] = authorization
        return headers
    }

    func get(_ target: String) async throws -> TestAnswer {
        try await exchange("GET", "/v1/\(target)", headers: headers(), port: port)
    }

    func put(_ target: String, headers: [String: String] = [:], _ body: [UInt8] = []) async throws -> TestAnswer {
        try await exchange("PUT", "/v1/\(target)", headers: self.headers(headers), body: body, port: port)
    }

    func delete(_ target: String) async throws -> TestAnswer {
        try await exchange("DELETE", "/v1/\(target)", headers: headers(), port: port)
    }

    func putJSON(_ image: TestImage) async throws -> Int { try await put("images/\(image.id)/json", image.json).status }

    func putLayer(_ image: TestImage) async throws -> Int {
        try await put("images/\(image.id)/layer", image.layer).status
    }

    func putChecksum(_ image: TestImage) async throws -> Int {
        try await put("images/\(image.id)/checksum", headers: ["X-Docker-Checksum-Payload": image.checksum]).status
    }

    /// Pushes one image, unless the server has it.
    func push(_ image: TestImage) async throws -> [Int] {
        if try await get("images/\(image.id)/json").status == 200 { return [] }
        return [try await putJSON(image), try await putLayer(image), try await putChecksum(image)]
    }

    func tag(_ name: String, _ tag: String, _ id: String) async throws -> Int {
        try await put("repositories/\(name)/tags/\(tag)", Array("\"\(id)\"".utf8)).status
    }
}
