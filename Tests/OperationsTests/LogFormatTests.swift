import HTTPTypes
import Logging
import RegistryCore
import Testing

@testable import Operations
@testable import RegistryHTTP

@Suite("A log line") struct LogFormatTests {
    /// 2026-11-30 22:51:31.195 UTC.
    static let time: Int64 = 1_796_079_091_195_000_000

    static func line(_ agent: String = "docker/1.5.0 go/go1.4.1") -> LogLine {
        let request = RegistryRequest(
            method: .get,
            target: "/v1/search?q=a",
            headers: [.userAgent: agent, .requestID: "abc"],
            remoteAddress: "10.1.2.3"
        )
        request.context.user = "ci"
        let log = AccessLog(.fields, LogOutput(.text, fields: [:], level: .info, to: .standardError))
        return log.line(TestRecord.record(of: request, status: 404), at: time)
    }

    static func text(_ format: LogFormat, _ line: LogLine, _ more: [LogLine.Field] = []) -> String {
        String(decoding: format.bytes(of: line, adding: more), as: UTF8.self)
    }

    @Test("of a request has the useful fields first")
    func logfmt() {
        #expect(
            Self.text(.text, Self.line()) == """
                time=2026-11-30T22:51:31.195Z level=info msg="response completed" method=GET path="/v1/search?q=a" \
                status=404 bytes=12 duration=1.361ms user=ci client=10.1.2.3 agent="docker/1.5.0 go/go1.4.1" \
                request_id=abc host="" type=application/json

                """
        )
    }

    @Test("in JSON has registry:2's names, and numbers that are numbers")
    func json() {
        #expect(
            Self.text(.json, Self.line(), [LogLine.Field("service", "registry")]) == """
                {"time":"2026-11-30T22:51:31.195Z","level":"info","msg":"response completed",\
                "http.request.method":"GET","http.request.uri":"/v1/search?q=a","http.response.status":404,\
                "http.response.written":12,"http.response.duration":0.001361,"auth.user.name":"ci",\
                "http.request.remoteaddr":"10.1.2.3","http.request.useragent":"docker/1.5.0 go/go1.4.1",\
                "http.request.id":"abc","http.request.host":"","http.response.contenttype":"application/json",\
                "service":"registry"}

                """
        )
        let logstash = Self.text(.logstash, Self.line())
        #expect(logstash.hasPrefix(#"{"@timestamp":"2026-11-30T22:51:31.195Z","level":"info","message":"response "#))
        #expect(logstash.contains(#""@version":"1""#))
    }

    @Test(
        "keeps a client's words in their field",
        arguments: [
            ("x status=500", #"agent="x status=500""#), ("a\"b", #"agent="a\"b""#), ("a\\b", #"agent="a\\b""#),
            ("a\u{202E}b", #"agent="a\u202eb""#), ("é", "agent=\"é\""),
            ("plain", "agent=plain"), ("", "agent=\"\""),
        ]
    )
    func quoting(agent: String, field: String) {
        let text = Self.text(.text, Self.line(agent))
        #expect(text.contains(" \(field) "))
        #expect(text.split(separator: "\n").count == 1)
    }

    @Test("in the combined format is Apache's", arguments: ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0"])
    func combined(version: String) {
        let request = RegistryRequest(
            method: .get,
            target: "/v2/\"x",
            headers: [.userAgent: "curl/7.88.1"],
            version: version,
            remoteAddress: "::1"
        )
        let bytes = CombinedLog.bytes(of: TestRecord.record(of: request), at: Self.time)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "::1 - - [30/Nov/2026:22:51:31 +0000] \"GET /v2/\\\"x \(version)\" 200 12 \"\" \"curl/7.88.1\"\n"
        )
    }

    @Test(
        "has the right date",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_799, "2000-02-29T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (1_798_761_599, "2026-12-31T23:59:59.000Z"),
        ]
    )
    func dates(seconds: Int64, text: String) {
        var bytes: [UInt8] = []
        LogTime.append(seconds * 1_000_000_000, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
