import TestSupport

/// A table of hostile requests, the same for the same seed.
struct HostileRequests {
    private var generator: SeededGenerator
    /// An existing blob of the repository `a`.
    private let blob: String

    init(seed: UInt64, blob: String) {
        generator = SeededGenerator(seed: seed)
        self.blob = blob
    }

    /// The next `count` requests, of every kind in turn.
    mutating func next(_ count: Int) -> [HostileRequest] {
        (0..<count).map { number in
            switch number % 8 {
            case 0: splitRequest()
            case 1: oversized()
            case 2: smuggling()
            case 3: traversal()
            case 4: garbage()
            case 5: range()
            case 6: body()
            default: field()
            }
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &generator)]
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func splitRequest() -> HostileRequest {
        let path = pick(["/v2/", "/v2/a/blobs/\(blob)", "/v1/_ping", "/v2/_catalog", "/v1/search?q=x"])
        let text = "GET \(path) HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nX-Padding: \(number(0...99))\r\n\r\n"
        return HostileRequest("GET \(path) in pieces", split: text, statuses: [200], using: &generator)
    }

    private mutating func oversized() -> HostileRequest {
        let count = number(70_000...400_000)
        let filler = String(repeating: "a", count: count)
        switch number(0...3) {
        case 0: return HostileRequest("a field of \(count) bytes", get("/v2/", "X-Field: \(filler)\r\n"))
        case 1:
            let fields = (0..<number(300...3000)).map { "X-\($0): y\r\n" }.joined()
            return HostileRequest("many fields", get("/v2/", fields))
        case 2: return HostileRequest("a target of \(count) bytes", get("/v2/\(filler)", ""))
        default: return HostileRequest("a field's name of \(count) bytes", get("/v2/", "\(filler): y\r\n"))
        }
    }

    private mutating func smuggling() -> HostileRequest {
        let fields = pick([
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 40\r\n",
            "Content-Length: 4\r\nContent-Length: 40\r\n", "Content-Length: 4, 40\r\n", "Content-Length: +4\r\n",
            "Content-Length: -4\r\n", "Content-Length: 0x4\r\n", "Content-Length: 4 4\r\n", "Content-Length: \r\n",
            "Content-Length: 99999999999999999999999\r\n", "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: identity, chunked\r\nContent-Length: 4\r\n",
            "Transfer-Encoding : chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
            "Content-Length : 4\r\n", "Transfer-Encoding:\u{b}chunked\r\n", " Content-Length: 4\r\n",
            "Content-Length: 4\r\n Transfer-Encoding: chunked\r\n", "Transfer-Encoding: \"chunked\"\r\n",
            "Content-Length: 4\nTransfer-Encoding: chunked\r\n", "X: y\rContent-Length: 4\r\n",
        ])
        let path = pick(["/v2/a/blobs/uploads/", "/v1/images/aaaa/json", "/v2/", "/v2/a/manifests/x"])
        let method = pick(["POST", "PUT", "PATCH", "GET"])
        let head = "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
        return HostileRequest(
            "\(method) with \(fields.debugDescription)",
            head + "0\r\n\r\nGET /v2/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        )
    }

    private mutating func traversal() -> HostileRequest {
        let up = pick([
            "..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "%u002e%u002e", "..;",
            "..%00", "%2e%2e%00", "．．", "..%0d%0a", "..\u{5c}", "..%5c", "....//", ".%00.", "%uff0e%uff0e",
        ])
        let slash = pick(["/", "%2f", "%2F", "%252f", "\\", "%5c", "//", "/./", "%c0%af"])
        let climb = Array(repeating: up, count: number(1...9)).joined(separator: slash)
        let path = pick([
            "/v2/\(climb)/secret/blobs/\(blob)", "/v2/\(climb)\(slash)secret/tags/list",
            "/v2/a/manifests/\(climb)\(slash)secret",
            "/v2/a/blobs/sha256:\(climb)\(slash)secret", "/v2/a/blobs/uploads/\(climb)\(slash)secret",
            "/v1/images/\(climb)\(slash)secret/json", "/v1/images/\(climb)\(slash)secret/layer",
            "/v1/repositories/\(climb)/secret/tags", "/v1/repositories/library/\(climb)\(slash)secret/tags/latest",
            "/\(climb)\(slash)secret", "/v2/\(climb)", "/v1/repositories/a/tags/\(climb)\(slash)secret",
            "/v2/_catalog?last=\(climb)\(slash)secret",
            "/v2/a/blobs/uploads/?mount=\(blob)&from=\(climb)\(slash)secret",
        ])
        let method = pick(["GET", "HEAD", "PUT", "DELETE", "POST"])
        return HostileRequest(
            "\(method) \(path)",
            "\(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\"x"
        )
    }

    private mutating func garbage() -> HostileRequest {
        switch number(0...6) {
        case 0:
            let bytes = (0..<number(1...5000)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            return HostileRequest("\(bytes.count) bytes of noise", bytes)
        case 1:
            let zero = pick([
                "/v2/a\0b/tags/list", "/v2/a%00b/tags/list", "/\0", "/v1/images/%00/json", "/v2/a/manifests/%00",
            ])
            return HostileRequest("NUL in \(zero.debugDescription)", get(zero, ""))
        case 2:
            let method = pick([
                "get", "FOO", "CONNECT", "TRACE", "PRI", "OPTIONS", String(repeating: "M", count: 2000), "G\0T", "",
                "G T",
            ])
            return HostileRequest(
                "method \(method.prefix(20).debugDescription)",
                "\(method) /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"
            )
        case 3:
            let version = pick([
                "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1.1", "HTTP/-1.1", "FTP/1.1", "",
            ])
            return HostileRequest("version \(version)", "GET /v2/ \(version)\r\nHost: x\r\n\r\n")
        case 4: return HostileRequest("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0")
        case 5:
            return HostileRequest(
                "a TLS record",
                [0x16, 3, 1] + (0..<number(1...600)).map { UInt8(truncatingIfNeeded: $0) }
            )
        default:
            let whole = get("/v2/a/blobs/\(blob)", "")
            return HostileRequest("a request that is cut off", String(whole.prefix(number(1...whole.count - 1))))
        }
    }

    private mutating func range() -> HostileRequest {
        let many = (0..<2000).map { "\($0)-\($0)" }.joined(separator: ",")
        let range = pick([
            "bytes=0-99999999999999999999999", "bytes=99999999999999999999-", "bytes=-0", "bytes=-99999999999999999999",
            "bytes=5-2",
            "bytes=--1", "bytes=1--2", "bytes=a-b", "bytes=", "bytes=-", "bytes", "=1-2", "bytes=0-0,-1",
            "bytes=\(many)",
            "lines=1-2", "bytes=0x1-0x2", "bytes=1-2-3", "bytes= 1 - 2 ",
            "bytes=9223372036854775807-9223372036854775807",
            "bytes=9223372036854775806-9223372036854775807", "bytes=-9223372036854775808", "bytes=١-٢", "BYTES=0-0",
        ])
        let path = pick(["/v2/a/blobs/\(blob)", "/v2/", "/v2/a/manifests/none", "/v1/images/none/layer"])
        let legal: Set<Int>? = path.contains("/blobs/") ? [200, 206, 416] : path == "/v2/" ? [200, 416] : [404]
        return HostileRequest("\(path) with \(range.prefix(60))", get(path, "Range: \(range)\r\n"), statuses: legal)
    }

    private mutating func body() -> HostileRequest {
        let chunks = pick([
            "zz\r\nxx\r\n", "-5\r\nhello\r\n", "ffffffffffffffffff\r\nx",
            "5;\(String(repeating: "e", count: 20_000))\r\nhello\r\n0\r\n\r\n",
            "5\r\nhelloXX0\r\n\r\n", "5\r\nhel", "0\r\nX-Trailer: y\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
            "5\nhello\n0\n\n", " 5\r\nhello\r\n",
        ])
        switch number(0...4) {
        case 0:
            let path = pick([
                "/v2/a/blobs/uploads/?digest=\(blob)", "/v2/a/manifests/x", "/v1/images/aaaa/json", "/v2/",
            ])
            return HostileRequest(
                "chunks \(chunks.prefix(20).debugDescription)",
                "\(pick(["PUT", "POST"])) \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)"
            )
        case 1:
            let depth = number(1000...200_000)
            let json = pick([String(repeating: "[", count: depth), String(repeating: "{\"a\":", count: depth / 4)])
            return put(
                pick(["/v2/a/manifests/x", "/v1/images/\(id)/json", "/v1/repositories/library/b/"]),
                json,
                "JSON \(depth) deep"
            )
        case 2:
            let json = pick([
                "{\"schemaVersion\":2,\"layers\":[{\"size\":-1,\"digest\":\"sha256:\"}]}", "null", "\"",
                "{\"schemaVersion\":1e999}",
                "{\"schemaVersion\":99999999999999999999}", "\u{feff}{}", "{\"schemaVersion\":2,\"schemaVersion\":1}",
                "[]", "{}",
                "{\"id\":\"\(id)\",\"parent\":\"\(id)\"}", "{\"id\":{\"id\":1}}", "{\"\\ud800\":\"\\udfff\"}",
                "\0\0\0\0",
            ])
            return put(
                pick(["/v2/a/manifests/x", "/v1/images/\(id)/json", "/v1/repositories/library/b/images"]),
                json,
                "JSON \(json)"
            )
        case 3:
            let promised = pick([5, 4096, 1 << 30, 1 << 40])
            return HostileRequest(
                "a body that ends before its \(promised) bytes",
                "PUT \(pick(["/v2/a/manifests/x", "/v1/images/\(id)/layer", "/v2/"])) HTTP/1.1\r\nHost: x\r\nContent-Length: \(promised)\r\n\r\nabc"
            )
        default:
            let range = pick(["0-99999999999999999999", "5-1", "-1", "a-b", "1-", "99999999999-999999999999"])
            return HostileRequest(
                "Content-Range \(range)",
                "PATCH /v2/a/blobs/uploads/\(pick(["x", "00000000-0000-0000-0000-000000000000", "..", "%00"])) HTTP/1.1\r\nHost: x\r\n"
                    + "Content-Range: \(range)\r\nContent-Length: 3\r\n\r\nabc"
            )
        }
    }

    private mutating func field() -> HostileRequest {
        let long = String(repeating: "application/x;q=0.1,", count: number(10...3000))
        let fields = pick([
            "Host: x\r\nHost: y\r\n", "Host: a b\r\n",
            "Host: x\r\nX-Forwarded-Proto: javascript\r\nX-Forwarded-Host: a\u{9}b/../\r\n",
            "Host: x\r\nAccept: \(long)\r\n",
            "Host: x\r\nAuthorization: Basic \(String(repeating: "A", count: 9000))\r\n",
            "Host: x\r\nAuthorization: Basic %%%\r\n", "Host: x\r\nAuthorization: Bearer a.b.c\r\n",
            "Host: x\r\nIf-None-Match: \(long)\r\n",
            "Host: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n", "Host: x\r\nExpect: something\r\n",
            "Host: x\r\nno colon\r\n",
            "Host: x\r\n: empty\r\n", "Host: x\r\nX-Folded: a\r\n b\r\n",
            "Host: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n",
            "Host: x\r\nConnection: \(String(repeating: "close,", count: 900))\r\n", "Host: x\r\nCookie: \0\r\n",
            "Host: x\r\nX: \u{1}\r\n",
            "Host: x\r\nUser-Agent: docker/99999999999999999999.0.0\r\n",
            "Host: x\r\nForwarded: for=\";;,=,=;\"proto=\r\n", "",
        ])
        let query = pick([
            "?n=-1", "?n=99999999999999999999", "?n=0", "?n=x&last=%00", "?last=%ff%fe",
            "?\(String(repeating: "a=b&", count: 3000))", "",
        ])
        let path = pick([
            "/v2/_catalog", "/v2/a/tags/list", "/v1/search", "/v2/a/referrers/\(blob)", "/v2/", "/v2/a/blobs/\(blob)",
        ])
        return HostileRequest(
            "\(path)\(query.prefix(30)) with \(fields.prefix(60).debugDescription)",
            "GET \(path)\(query) HTTP/1.1\r\n\(fields)\r\n"
        )
    }

    private let id = String(repeating: "ab", count: 32)

    private func get(_ path: String, _ fields: String) -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n" }

    private func put(_ path: String, _ body: String, _ description: String) -> HostileRequest {
        let head = "PUT \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n"
        let type = "Content-Type: application/vnd.docker.distribution.manifest.v2+json\r\n\r\n"
        return HostileRequest(String(description.prefix(80)), head + type + body)
    }
}
