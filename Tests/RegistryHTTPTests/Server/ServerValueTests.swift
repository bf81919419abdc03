import HTTPTypes
import RegistryHTTP
import Testing

@Suite("Values of the server")
struct ServerValueTests {
    @Test(
        "an address to listen on is a host and a port",
        arguments: [
            ("127.0.0.1:5000", "127.0.0.1", 5000, "127.0.0.1:5000"), (":5000", "", 5000, ":5000"),
            ("[::1]:0", "::1", 0, "[::1]:0"), ("registry.test:443", "registry.test", 443, "registry.test:443"),
        ]
    )
    func addresses(text: String, host: String, port: Int, description: String) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address.host == host && address.port == port && address.description == description)
    }

    @Test(
        "anything else is not an address",
        arguments: [
            "[]z1]:5", "[[::1]]:5", "", "5000", "host", "host:", "host:x", "host:65536", "::1:5000", "[::1]", "[]:1",
            "host:-1",
        ]
    )
    func malformedAddresses(text: String) {
        #expect(throws: MalformedListenAddress(text: text)) { try ListenAddress(parsing: text) }
    }

    @Test(
        "dates are formatted as in RFC 9110",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_795_227_093, "Sat, 21 Nov 2026 02:11:33 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (-315_619_200, "Fri, 01 Jan 1960 00:00:00 GMT"), (9_246_182_400, "Thu, 01 Jan 2263 00:00:00 GMT"),
        ]
    )
    func dates(seconds: Int, text: String) { #expect(HTTPDate(secondsSince1970: seconds).description == text) }

    @Test(
        "a query is decoded pair by pair",
        arguments: [
            ("", []), ("q", [("q", "")]), ("q=", [("q", "")]), ("q=a+b", [("q", "a b")]), ("q=a%2Bb", [("q", "a+b")]),
            ("q=a%26b=c&&n=1", [("q", "a&b=c"), ("n", "1")]), ("q=a=b", [("q", "a=b")]),
            ("tag=x&tag=y", [("tag", "x"), ("tag", "y")]), ("%71=%C3%A9", [("q", "é")]),
            ("q=%ff%fe", [("q", "\u{FFFD}\u{FFFD}")]), ("q=%&r=%4", [("q", "%"), ("r", "%4")]),
        ] as [(String, [(String, String)])]
    )
    func queries(text: String, pairs: [(String, String)]) {
        let query = QueryItems(parsing: text)
        #expect(query.items.map(\.name) == pairs.map(\.0))
        #expect(query.items.map(\.value) == pairs.map(\.1))
    }

    @Test("the first of repeated values is the value, and all of them are available")
    func repeatedValues() {
        let query = QueryItems(parsing: "tag=x&q=1&tag=y")
        #expect(query["tag"] == "x" && query.values(of: "tag") == ["x", "y"] && query["none"] == nil)
    }

    @Test(
        "a target is split into path and query",
        arguments: [
            ("/v2/a?x=1", "/v2/a", "1"), ("/v2/a?x=1?y", "/v2/a", "1?y"), ("http://host:1/v2/a?x=1", "/v2/a", "1"),
            ("http://host", "/", nil), ("http://host?x=1", "", "1"), ("*", "*", nil),
        ] as [(String, String, String?)]
    )
    func targets(target: String, path: String, value: String?) {
        let request = RegistryRequest(method: .get, target: target)
        #expect(request.path == path && request.query["x"] == value && request.target == target)
    }

    @Test("the open-files limit is raised, and unchanged when raised again")
    func openFiles() {
        let limit = OpenFileLimit.raise()
        #expect(limit >= 256)
        #expect(OpenFileLimit.raise() == limit)
    }
}
