import HTTPTypes
import NIOCore
import RegistryHTTP
import Testing

@Suite("Responses on the wire")
struct HTTPAnswerTests {
    private func respond(
        to request: String,
        withBody hasBody: Bool = true,
        _ answer: @escaping @Sendable (RegistryRequest) async -> RegistryResponse
    ) async throws -> TestAnswer {
        try await withServer(answering: answer) { port, _ in
            try await withClient(of: port) { try $0.exchange("\(request)\r\nHost: x\r\n\r\n", withBody: hasBody) }
        }
    }

    @Test("have their fields in order, their exact length, the date and the server's name")
    func fields() async throws {
        let answer = try await respond(to: "GET / HTTP/1.1") { _ in
            var headers = HTTPFields()
            headers[.contentType] = "text/plain"
            headers[.contentLength] = "99"
            headers.append(HTTPField(name: .setCookie, value: "a"))
            headers.append(HTTPField(name: .setCookie, value: "b"))
            return RegistryResponse(.created, headers: headers, body: .bytes(ByteBuffer(string: "hello")))
        }
        #expect(answer.status == 201)
        #expect(answer.text == "hello")
        #expect(answer["content-length"] == "5" && answer.count(of: "content-length") == 1)
        #expect(answer["server"] == "longshore")
        #expect(answer["date"]?.hasSuffix(" GMT") == true)
        #expect(answer.headers.filter { $0.name == "set-cookie" }.map(\.value) == ["a", "b"])
        #expect(answer["transfer-encoding"] == nil)
    }

    @Test("have length 0 when empty", arguments: ["GET", "PUT", "DELETE", "OPTIONS"])
    func empty(method: String) async throws {
        let answer = try await respond(to: "\(method) / HTTP/1.1") { _ in RegistryResponse(.accepted) }
        #expect(answer["content-length"] == "0")
    }

    @Test("have no body and no length for 204 and 304", arguments: [HTTPResponse.Status.noContent, .notModified])
    func bodiless(status: HTTPResponse.Status) async throws {
        try await withServer { _ in
            RegistryResponse(status, body: .bytes(ByteBuffer(string: "none of this")))
        } whileRunning: { port, _ in
            try await withClient(of: port) { client in
                for _ in 0..<2 {
                    let answer = try client.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(answer.status == status.code)
                    #expect(answer["content-length"] == nil && answer["transfer-encoding"] == nil)
                }
            }
        }
    }

    @Test("to HEAD have the length of the response to GET")
    func head() async throws {
        let answer = try await respond(to: "HEAD / HTTP/1.1", withBody: false) { _ in
            RegistryResponse(.ok, body: .bytes(ByteBuffer(string: "hello")))
        }
        #expect(answer["content-length"] == "5")
    }

    @Test("to HEAD can have a length without the bytes")
    func headOfKnownLength() async throws {
        let answer = try await respond(to: "HEAD / HTTP/1.1", withBody: false) { _ in
            RegistryResponse(.ok, headers: [.contentLength: "1234"])
        }
        #expect(answer["content-length"] == "1234")
    }

    @Test("come from a handler that sees the request as sent")
    func request() async throws {
        let answer = try await respond(to: "GET /v2/a%2Fb?n=1&last=%41+x HTTP/1.1\r\nAccept: a\r\nAccept: b, c") {
            request in
            let parts = [
                request.target, request.path, request.query["last"] ?? "", request.host ?? "",
                request.headers[values: .accept].joined(separator: "|"), request.remoteAddress ?? "",
            ]
            return RegistryResponse(.ok, body: .bytes(ByteBuffer(string: parts.joined(separator: "\n"))))
        }
        #expect(answer.text == "/v2/a%2Fb?n=1&last=%41+x\n/v2/a%2Fb\nA x\nx\na|b, c\n127.0.0.1")
    }
}
