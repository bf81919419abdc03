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
}
