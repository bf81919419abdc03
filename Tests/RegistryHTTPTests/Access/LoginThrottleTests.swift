import Logging
import Storage
import Synchronization
import SystemLibraries
import Testing

@testable import RegistryHTTP

@Suite("Whoever fails to log in")
struct LoginThrottleTests {
    private let start = ContinuousClock.now

    @Test("waits the longer, the more often it was")
    func grows() {
        var throttle = LoginThrottle()
        var delays: [Duration] = []
        for _ in 0..<10 {
            delays.append(throttle.begin("192.0.2.1", now: start) ?? .zero)
            throttle.end("192.0.2.1", succeeded: false, now: start)
        }
        #expect(delays.first == .zero && delays[1] == LoginThrottle.firstDelay && delays[2] == delays[1] * 2)
        #expect(delays.last == LoginThrottle.longestDelay)
        #expect(throttle.begin("192.0.2.2", now: start) == .zero)
    }

    @Test("starts anew after a success, and when it was long ago")
    func forgets() {
        var throttle = LoginThrottle()
        _ = throttle.begin("a", now: start)
        throttle.end("a", succeeded: false, now: start)
        #expect(throttle.begin("a", now: start + LoginThrottle.memory + .seconds(1)) == .zero)
        throttle.end("a", succeeded: true, now: start)
        #expect(throttle.addressCount == 0)
    }

    @Test("waits in line with others of the same address, and is refused when the line is long")
    func lines() {
        var throttle = LoginThrottle()
        _ = throttle.begin("a", now: start)
        throttle.end("a", succeeded: false, now: start)
        let delays = (0..<LoginThrottle.waitingLimit).map { _ in throttle.begin("a", now: start) }
        #expect(delays.allSatisfy { $0 != nil } && delays[1] == LoginThrottle.firstDelay * 2)
        #expect(throttle.begin("a", now: start) == nil)
        throttle.end("a", succeeded: false, now: start)
        #expect(throttle.begin("a", now: start) != nil)
    }

    @Test("is known by the network, of IPv6")
    func networks() {
        var throttle = LoginThrottle()
        for host in ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"] {
            _ = throttle.begin(host, now: start)
            throttle.end(host, succeeded: false, now: start)
        }
        #expect(throttle.addressCount == 1)
        #expect(throttle.begin("2001:db8:0:1::1", now: start) == .zero)
    }

    @Test("takes bounded memory, however many they are")
    func bounds() {
        var throttle = LoginThrottle()
        for number in 0..<(LoginThrottle.addressLimit * 2) {
            _ = throttle.begin("host-\(number)", now: start + .seconds(number))
            throttle.end("host-\(number)", succeeded: false, now: start + .seconds(number))
        }
        #expect(throttle.addressCount <= LoginThrottle.addressLimit)
        #expect(throttle.begin("host-\(LoginThrottle.addressLimit * 2 - 1)", now: start + .seconds(20_000)) != .zero)
    }

    @Test("is let in at once when the pair was verified before, and not when the file has another hash since")
    func remembers() async throws {
        let tree = try ScratchTree()
        try tree.write("amy:\(try PasswordHash.bcrypt("one", cost: 4).text)\n", to: "users")
        let file = WatchedFile("\(tree.path)/users", initial: HtpasswdDocument(), interval: .zero) { bytes in
            if case .success(let bytes?) = bytes { HtpasswdDocument(bytes) } else { HtpasswdDocument() }
        }
        let waits = Mutex<[Duration]>([])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let verifier = PasswordVerifier(file, logger: logger) { delay in waits.withLock { $0.append(delay) } }
        func attempt(_ password: String) async -> PasswordVerifier.Outcome {
            await verifier.verify("amy", Array(password.utf8), header: "Basic \(password)", from: "192.0.2.1")
        }
        guard case .verified("amy", _) = await attempt("one") else {
            Issue.record("not verified")
            return
        }
        #expect(await attempt("two") == .refused)
        // The same again is no other attempt.
        #expect(await attempt("two") == .refused)
        #expect(waits.withLock { $0 } == [])
        #expect(await attempt("three") == .refused)
        #expect(waits.withLock { $0 } == [LoginThrottle.firstDelay])
        // The neighbour with the right password is not slowed.
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
