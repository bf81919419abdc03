import Foundation
import Synchronization

/// Clients that each repeat one request on their own connection.
struct Load {
    private let server: ServerProcess
    private let seconds: Double
    private let connections: Int
    private let authorization: String?

    /// - Parameter authorization: The credentials of every request.
    init(_ server: ServerProcess, _ scale: Scale, connections: Int = 16, authorization: String? = nil) {
        self.authorization = authorization
        self.server = server
        self.seconds = scale.seconds
        self.connections = connections
    }

    private var login: String { authorization.map { "Authorization: \($0)\r\n" } ?? "" }

    /// The number of responses per second.
    func rate(of method: String, _ path: String) throws -> Double {
        let head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n" + login
        let accept = "Accept: application/vnd.docker.distribution.manifest.v2+json\r\n\r\n"
        let request = Array((head + accept).utf8)
        let total = Counter()
        let sockets = try (0..<connections).map { _ in try BenchmarkSocket(port: server.port) }
        // The first response of each shows the length of the others.
        let lengths = try sockets.map { socket in
            try socket.send(request)
            return try socket.receiveAnswer(hasBody: method != "HEAD").wireByteCount
        }
        let start = ContinuousClock.now
        let deadline = start + .seconds(seconds)
        let threads = zip(sockets, lengths).map { socket, length in
            let thread = BenchmarkThread {
                while ContinuousClock.now < deadline {
                    try socket.send(request)
                    try socket.discard(exactly: length)
                    total.add()
                }
            }
            thread.start()
            return thread
        }
        for thread in threads { try thread.join() }
        return Double(total.value) / (start.duration(to: .now) / .seconds(1))
    }
}

/// A counter for many threads.
final class Counter: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add() { number.add(1, ordering: .relaxed) }
}

/// A thread that can be joined, with its error.
final class BenchmarkThread: Sendable {
    private let work: @Sendable () throws -> Void
    private let failure = Mutex<(any Error)?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () throws -> Void) { self.work = work }

    func start() {
        Thread.detachNewThread {
            do { try self.work() } catch { self.failure.withLock { $0 = error } }
            self.done.signal()
        }
    }

    func join() throws {
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

extension Scale {
    /// How many times per second several clients together, each on a thread of its own, do the work that `work` prepares
    /// for each.
    func rate(of clients: Int = 1, _ work: @escaping @Sendable (_ client: Int) throws -> () throws -> Void) throws
        -> Double
    {
        let total = Counter()
        let start = ContinuousClock.now
        let deadline = start + .seconds(seconds)
        let threads = (0..<clients).map { client in
            BenchmarkThread {
                let work = try work(client)
                while ContinuousClock.now < deadline {
                    try work()
                    total.add()
                }
            }
        }
        for thread in threads { thread.start() }
        for thread in threads { try thread.join() }
        return Double(total.value) / (start.duration(to: .now) / .seconds(1))
    }
}
