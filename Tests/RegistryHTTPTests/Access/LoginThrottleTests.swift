import HTTPTypes
import Logging
import Storage
import Synchronization
import SystemLibraries
import Testing

@testable import RegistryHTTP

@Suite("A client that fails to log in")
struct LoginThrottleTests {
    private let start = ContinuousClock.now

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func file(_ tree: ScratchTree) -> WatchedFile<HtpasswdDocument> {
        WatchedFile("\(tree.path)/users", initial: HtpasswdDocument(), interval: .zero) { bytes in
            if case .success(let bytes?) = bytes { HtpasswdDocument(bytes) } else { HtpasswdDocument() }
        }
    }

    @Test("waits longer after each failure")
    func grows() {
        var throttle = LoginThrottle()
        var delays: [Duration] = []
        for _ in 0..<10 {
            delays.append(throttle.begin("192.0.2.1", now: start) ?? .zero)
            throttle.end("192.0.2.1", "amy", succeeded: false, now: start)
        }
        #expect(delays.first == .zero && delays[1] == LoginThrottle.firstDelay && delays[2] == delays[1] * 2)
        #expect(delays.last == LoginThrottle.longestDelay)
        #expect(throttle.begin("192.0.2.2", now: start) == .zero)
    }

    @Test("starts over after a success, or a long time")
    func forgets() {
        var throttle = LoginThrottle()
        _ = throttle.begin("a", now: start)
        throttle.end("a", "amy", succeeded: false, now: start)
        #expect(throttle.begin("a", now: start + LoginThrottle.memory + .seconds(1)) == .zero)
        throttle.end("a", "amy", succeeded: true, now: start)
        #expect(throttle.addressCount == 0)
    }

    @Test("waits in line with others of its address, and is refused when the line is long")
    func lines() {
        var throttle = LoginThrottle()
        _ = throttle.begin("a", now: start)
        throttle.end("a", "amy", succeeded: false, now: start)
        let delays = (0..<LoginThrottle.waitingLimit).map { _ in throttle.begin("a", now: start) }
        #expect(delays.allSatisfy { $0 != nil } && delays[1] == LoginThrottle.firstDelay * 2)
        #expect(throttle.begin("a", now: start) == nil)
        throttle.end("a", "amy", succeeded: false, now: start)
        #expect(throttle.begin("a", now: start) != nil)
    }

    @Test(
        "is limited in concurrent attempts even before the first failure, and not blamed for attempts that were not checked"
    )
    func unblamed() {
        var throttle = LoginThrottle()
        let delays = (0..<LoginThrottle.waitingLimit).map { _ in throttle.begin("a", now: start) }
        #expect(delays.allSatisfy { $0 == .zero })
        #expect(throttle.begin("a", now: start) == nil && throttle.begin("b", now: start) == .zero)
        for _ in delays { throttle.end("a", "amy", succeeded: nil, now: start) }
        #expect(throttle.begin("a", now: start) == .zero)
    }

    @Test("is forgiven the failures of the user that logged in, and no others")
    func forgives() {
        var throttle = LoginThrottle()
        for user in ["amy", "boss", "boss"] {
            _ = throttle.begin("a", now: start)
            throttle.end("a", user, succeeded: false, now: start)
        }
        _ = throttle.begin("a", now: start)
        throttle.end("a", "amy", succeeded: true, now: start)
        #expect(throttle.begin("a", now: start) == LoginThrottle.firstDelay * 2)
        throttle.end("a", "boss", succeeded: true, now: start)
        #expect(throttle.addressCount == 0)
    }

    @Test("delays nobody at other addresses, however many addresses fail")
    func neighbours() async throws {
        let tree = try ScratchTree()
        try tree.write("amy:\(try PasswordHash.bcrypt("one", cost: 4).text)\n", to: "users")
        let isOpen = Mutex(false)
        let waits = Mutex(0)
        let verifier = PasswordVerifier(Self.file(tree), logger: Self.logger) { _ in
            waits.withLock { $0 += 1 }
            do { try await poll { isOpen.withLock { $0 } } } catch { Issue.record(error) }
        }
        try await withThrowingTaskGroup(of: PasswordVerifier.Outcome.self) { group in
            for address in 1...20 {
                #expect(await verifier.verify("amy", [0, UInt8(address)], from: "192.0.2.\(address)") == .refused)
                for number in 1...LoginThrottle.waitingLimit {
                    group.addTask {
                        await verifier.verify("amy", [UInt8(number), UInt8(address)], from: "192.0.2.\(address)")
                    }
                }
            }
            let count = 20 * LoginThrottle.waitingLimit
            try await poll { waits.withLock { $0 } == count }
            let outcome = await verifier.verify("amy", Array("one".utf8), from: "198.51.100.1")
            if case .verified = outcome {} else { Issue.record("\(outcome)") }
            isOpen.withLock { $0 = true }
            // They all want their hashes at once: some are too many.
            for try await outcome in group { #expect(outcome == .refused || outcome == .tooMany) }
        }
    }

    /// A peer, its proxy header, and the resulting client address.
    static let forwarded: [(String?, String?, String?)] = [
        ("127.0.0.1", nil, "127.0.0.1"), ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"), (nil, "2001:db8::1", "2001:db8::1"),
        ("::1", "::ffff:203.0.113.9", "203.0.113.9"), ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"), ("127.0.0.1", "203.0.113.9, host-17", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9:80", "127.0.0.1"), ("127.0.0.1", "203.0.113", "127.0.0.1"),
        ("127.0.0.1", "0x7f.1", "127.0.0.1"), ("203.0.113.1", "203.0.113.9", "203.0.113.1"),
    ]

    @Test("has the address reported by a proxy on this machine, if that is an address", arguments: forwarded)
    func addresses(peer: String?, header: String?, address: String?) {
        let request = RegistryRequest(
            method: .get,
            target: "/",
            headers: header.map { [.forwardedFor: $0] } ?? [:],
            remoteAddress: peer
        )
        #expect(request.clientAddress == address)
    }

    @Test("is identified by its network, in IPv6")
    func networks() {
        var throttle = LoginThrottle()
        for host in ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"] {
            _ = throttle.begin(host, now: start)
            throttle.end(host, "amy", succeeded: false, now: start)
        }
        #expect(throttle.addressCount == 1)
        #expect(throttle.begin("2001:db8:0:1::1", now: start) == .zero)
    }

    @Test("takes bounded memory, however many there are")
    func bounds() {
        var throttle = LoginThrottle()
        for number in 0..<(LoginThrottle.addressLimit * 2) {
            _ = throttle.begin("host-\(number)", now: start + .seconds(number))
            throttle.end("host-\(number)", "amy", succeeded: false, now: start + .seconds(number))
        }
        #expect(throttle.addressCount <= LoginThrottle.addressLimit)
        #expect(throttle.begin("host-\(LoginThrottle.addressLimit * 2 - 1)", now: start + .seconds(20_000)) != .zero)
    }

    @Test("is admitted at once when the pair was verified before, and not when the file's hash has changed since")
    func remembers() async throws {
        let tree = try ScratchTree()
        try tree.write("amy:\(try PasswordHash.bcrypt("one", cost: 4).text)\n", to: "users")
        let waits = Mutex<[Duration]>([])
        let verifier = PasswordVerifier(Self.file(tree), logger: Self.logger) { delay in
            waits.withLock { $0.append(delay) }
        }
        func attempt(_ password: String) async -> PasswordVerifier.Outcome {
            await verifier.verify("amy", Array(password.utf8), from: "192.0.2.1")
        }
        guard case .verified("amy", _) = await attempt("one") else {
            Issue.record("not verified")
            return
        }
        #expect(await attempt("two") == .refused)
        // Repeating the same attempt does not count.
        #expect(await attempt("two") == .refused)
        #expect(waits.withLock { $0 } == [])
        #expect(await attempt("three") == .refused)
        #expect(waits.withLock { $0 } == [LoginThrottle.firstDelay])
        // The neighbour with the right password is not delayed.
        guard case .verified = await attempt("one") else {
            Issue.record("not remembered")
            return
        }
        #expect(waits.withLock { $0.count } == 1)
        try tree.write("amy:\(try PasswordHash.bcrypt("two", cost: 4).text)\n", to: "users")
        #expect(await attempt("one") == .refused)
        guard case .verified = await attempt("two") else {
            Issue.record("not verified")
            return
        }
    }
}

extension ScratchTree {
    /// Replaces a file below the directory.
    func write(_ text: String, to name: String) throws {
        try LocalFile.replace("\(path)/\(name)", with: Array(text.utf8))
    }
}
