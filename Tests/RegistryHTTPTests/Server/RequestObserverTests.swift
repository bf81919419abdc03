import HTTPTypes
import NIOCore
import RegistryHTTP
import Synchronization
import Testing

@Suite("An observer of requests")
struct RequestObserverTests {
    private final class Recorder: RequestObserver {
        private let kept = Mutex<[RequestRecord]>([])

        var records: [RequestRecord] { kept.withLock { $0 } }

        private let reasons = Mutex<[String]>([])

        var malformed: [String] { reasons.withLock { $0 } }

        func requestWasMalformed(_ reason: String, from address: String?) {
            #expect(address == "127.0.0.1")
            reasons.withLock { $0.append(reason) }
        }

        func requestEnded(_ record: RequestRecord) { kept.withLock { $0.append(record) } }
    }

    @Test("sees each response end, in order: its status, its bytes, its duration")
    func complete() async throws {
        let recorder = Recorder()
        try await withServer(observers: [recorder]) { request in
            try? await Task.sleep(for: .milliseconds(20))
            return RegistryResponse(.notFound, body: .bytes(ByteBuffer(string: request.path)))
        } whileRunning: { port, _ in
            try await withClient(of: port) { client in
                _ = try client.exchange("GET /abc HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.exchange("HEAD /v2/ HTTP/1.1\r\nHost: x\r\n\r\n", withBody: false)
            }
        }
        let records = recorder.records
        #expect(records.map(\.request.path) == ["/abc", "/v2/"])
        #expect(records.map(\.status) == [404, 404] && records.map(\.byteCount) == [4, 0])
        #expect(records.allSatisfy { $0.isComplete && $0.duration >= .milliseconds(20) })
    }

    @Test("sees where a response was cut off")
    func cut() async throws {
        let recorder = Recorder()
        try await withServer(observers: [recorder]) { _ in
            RegistryResponse(
                .ok,
                body: .object(TestMemoryReader(byteCount: 1 << 20, available: 300 << 10), range: 0..<1 << 20)
            )
        } whileRunning: { port, _ in
            try await withClient(of: port) { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.countToEnd()
            }
        }
        let record = try #require(recorder.records.first)
        #expect(recorder.records.count == 1 && record.status == 200 && !record.isComplete)
        #expect(record.byteCount > 0 && record.byteCount <= 300 << 10)
    }

    @Test("sees the request's id, which the response has too")
    func requestID() async throws {
        let recorder = Recorder()
        let seen = Mutex<[String?]>([])
        let fields = try await withServer(observers: [recorder]) { request in
            seen.withLock { $0.append(RequestContext.current?.id) }
            return RegistryResponse(.ok)
        } whileRunning: { port, _ in
            try await withClient(of: port) { client in
                try ["abc-1:2", "", "a b", "x\"y", String(repeating: "a", count: 129)].map { id in
                    try client.exchange("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: \(id)\r\n\r\n")["x-request-id"]
                }
            }
        }
        let ids = recorder.records.map(\.request.context.id)
        #expect(ids.first == "abc-1:2" && fields == ids && seen.withLock { $0 } == ids)
        for id in ids.dropFirst() {
            #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        }
        #expect(Set(ids).count == ids.count)
    }

    @Test("sees what is not a request")
    func malformed() async throws {
        let recorder = Recorder()
        try await withServer(observers: [recorder]) { _ in
            RegistryResponse(.ok)
        } whileRunning: { port, _ in
            for text in ["GET / HTTP/1.1\r\n\r\n", "NONSENSE\r\n\r\n"] {
                try await withClient(of: port) { client in
                    try client.send(text)
                    _ = try client.countToEnd()
                }
            }
        }
        #expect(recorder.malformed.count == 2 && recorder.malformed.first == "no valid Host field")
        #expect(recorder.records.isEmpty)
    }
}
