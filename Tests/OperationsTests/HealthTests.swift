import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOPosix
import RegistryCore
import RegistryHTTP
import Storage
import Testing

@testable import Operations

@Suite("Health checks") struct HealthTests {
    private let checks = HealthChecks(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

    private func answer(_ path: String, _ method: HTTPRequest.Method = .get) async -> (Int, String) {
        let responder = DebugResponder(checks, PrometheusMetrics(), at: "/metrics")
        let response = await responder.respond(RegistryRequest(method: method, target: path))
        guard case .bytes(let buffer) = response.body else { return (response.status.code, "") }
        return (response.status.code, String(buffer: buffer))
    }

    @Test("are shown like registry:2's")
    func document() async {
        #expect(await answer("/debug/health") == (200, "{}"))
        #expect(await answer("/debug/health", .post).0 == 404)
        #expect(await answer("/debug/pprof") == (404, "404 page not found\n"))
        checks.record("tcp", failure: "no \"connection\"", threshold: 2, refuses: true)
        #expect(await answer("/debug/health").0 == 200 && checks.refusal == nil)
        checks.record("tcp", failure: "no \"connection\"", threshold: 2, refuses: true)
        #expect(await answer("/debug/health") == (503, #"{"tcp":"no \"connection\""}"#))
        #expect(checks.refusal == "health check failed: please see /debug/health")
        checks.record("tcp", failure: nil, refuses: true)
        #expect(await answer("/debug/health") == (200, "{}"))
        #expect(checks.refusal == nil)
        checks.record("space", failure: "full", refuses: false)
        #expect(checks.refusal == nil && checks.results == ["tcp": true, "space": false])
    }

    @Test("of a file fail while it exists")
    func file() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "down-\(UUID().uuidString)").path
        let check = HealthCheck.file(path, every: .seconds(10))
        #expect(await check.check() == nil)
        try Data().write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(await check.check() == "file exists")
    }

    @Test("of a server fail unless it accepts connections")
    func tcp() async throws {
        // Bound but not listening: it refuses connections, and no test beside this one can get its port.
        let server = try HeldPort()
        let address = "127.0.0.1:\(server.port)"
        let check = HealthCheck.tcp(address, timeout: nil, every: .seconds(10), threshold: 1)
        #expect(await check.check() == "connection to \(address) failed")
        let http = HealthCheck.http(
            "http://\(address)/",
            headers: [],
            status: 200,
            timeout: .seconds(2),
            every: .seconds(10),
            threshold: 1
        )
        #expect(await http.check() == "error while checking: http://\(address)/")
        try server.listen()
        #expect(await check.check() == nil)
        #expect(await HealthCheck.tcp("nowhere", timeout: nil, every: .zero, threshold: 0).check() != nil)
    }

    @Test("of the storage fail as soon as another directory is in its place, and pass when it is back")
    func root() async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString)").path
        defer { for path in [place, place + ".away"] { try? FileManager.default.removeItem(atPath: path) } }
        let storage = try await FileSystemStorage.open(root: place, access: .readWrite, threadPool: .singleton)
        let lock = try await DirectoryLock.acquire(in: storage, holder: "test")
        let health = StorageHealth(storage, lock)
        health.watch(checks)
        #expect(await health.check() == nil)
        #expect(try await storage.list(.root, after: nil, limit: 10).map(\.name) == ["longshore"])
        try FileManager.default.moveItem(atPath: place, toPath: place + ".away")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        await #expect(throws: StorageError.self) { _ = try await storage.read(.root.appending("a"), limit: 1) }
        #expect(checks.refusal != nil && checks.failures.keys.sorted() == [StorageHealth.name])
        let batch = WriteBatch([.put(ByteBuffer(string: "x"), at: .root.appending("b"), .any, .durable)])
        await #expect(throws: StorageError.self) { try await storage.commit(batch) }
        #expect(await health.check()?.contains("was a disk unmounted?") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
        try FileManager.default.removeItem(atPath: place)
        try FileManager.default.moveItem(atPath: place + ".away", toPath: place)
        #expect(await health.check() == nil)
        #expect(checks.refusal == nil && checks.failures.isEmpty)
        try FileManager.default.removeItem(atPath: "\(place)/longshore/lock")
        #expect(await health.check() == "the lock of \(place) was removed")
    }
}

/// A port of this machine that belongs to the test, whether or not the test listens on it.
private final class HeldPort {
    let port: Int
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
            }
        }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(isBound)
    }

    deinit { close(descriptor) }

    func listen() throws { try #require(Glibc.listen(descriptor, 8) == 0) }
}
