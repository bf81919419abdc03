import HTTPTypes
import Logging
import NIOCore
import RegistryHTTP
import Synchronization
import Testing

@Suite("The access log")
struct AccessLogTests {
    @Test("has one line per request, without credentials")
    func lines() async throws {
        let log = TestLog()
        try await withServer(logger: log.logger(level: .info)) { _ in
            RegistryResponse(.notFound, body: .bytes(ByteBuffer(string: "none")))
        } whileRunning: { port, _ in
            try await withClient(of: port) { client in
                let fields = "Host: x\r\nUser-Agent: docker/1.5.0\r\nAuthorization: Basic c2VjcmV0\r\n"
                _ = try client.exchange("GET /v1/search?q=a HTTP/1.1\r\n\(fields)\r\n")
                _ = try client.exchange("HEAD /v2/ HTTP/1.1\r\n\(fields)\r\n", withBody: false)
            }
        }
        let requests = log.lines.filter { $0.message == "request" }
        #expect(requests.map { $0.metadata["path"] } == ["/v1/search?q=a", "/v2/"])
        #expect(requests.map { $0.metadata["method"] } == ["GET", "HEAD"])
        #expect(requests.map { $0.metadata["bytes"] } == ["4", "0"])
        for line in requests {
            #expect(line.level == .info)
            #expect(line.metadata["status"] == "404")
            #expect(line.metadata["agent"] == "docker/1.5.0")
            #expect(line.metadata["remote"] == "127.0.0.1")
            #expect(line.metadata["milliseconds"].flatMap { Double($0) } != nil)
            #expect(!line.metadata.values.contains { $0.contains("c2VjcmV0") })
        }
    }

    @Test("shows when a response did not arrive whole")
    func incomplete() async throws {
        let log = TestLog()
        let received = try await withServer(logger: log.logger(level: .debug)) { _ in
            RegistryResponse(.ok, body: .object(TestMemoryReader(byteCount: 1 << 20, available: 5), range: 0..<1 << 20))
        } whileRunning: { port, _ in
            try await withClient(of: port) { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.countToEnd()
            }
        }
        #expect(received > 0)
        #expect(log.lines.filter { $0.message == "request" }.map { $0.metadata["bytes"] } == ["incomplete"])
        #expect(log.lines.contains { $0.level == .debug && $0.message == "connection failed" })
    }
}

/// Records log lines.
final class TestLog: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let kept = Mutex<[Line]>([])

    var lines: [Line] { kept.withLock { $0 } }

    func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let texts = (event.metadata ?? [:]).mapValues { "\($0)" }
            log.kept.withLock { $0.append(Line(level: event.level, message: "\(event.message)", metadata: texts)) }
        }
    }
}
