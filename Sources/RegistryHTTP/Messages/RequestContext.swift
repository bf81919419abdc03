import RegistryCore
import Synchronization

/// What is learned about a request while it is handled: for observers, and for the log lines of its handling.
package final class RequestContext: Sendable {
    /// A login that was refused.
    package struct RefusedLogin: Sendable, Equatable {
        /// The user's name, if there is such a user. People type passwords where the name belongs.
        package let user: String?
    }

    /// The context of the request that this task handles; nil outside requests.
    @TaskLocal package static var current: RequestContext?

    /// The request's name in logs and in the response: the client's `X-Request-Id`, or one made here.
    package let id: String
    private let facts = Mutex(Facts())
    private let observers: [any RequestObserver]

    private struct Facts {
        var handler: String?
        var user: String?
        var refusedLogin: RefusedLogin?
    }

    /// - Parameters:
    ///   - id: The value of `X-Request-Id`. One is made unless it is short and harmless in logs.
    ///   - observers: Notified when the request's handler is known.
    init(id: String?, observers: [any RequestObserver]) {
        self.id = id.flatMap { Self.isAcceptable($0) ? $0 : nil } ?? Self.nextID()
        self.observers = observers
    }

    /// The handler of the request (``APICall/handler``); nil before it is known, and for requests that no API accepts.
    package var handler: String? { facts.withLock { $0.handler } }

    /// The name that the sender has logged in with; nil for an anonymous one.
    package var user: String? {
        get { facts.withLock { $0.user } }
        set { facts.withLock { $0.user = newValue } }
    }

    /// The login that was refused, if one was.
    package var refusedLogin: RefusedLogin? {
        get { facts.withLock { $0.refusedLogin } }
        set { facts.withLock { $0.refusedLogin = newValue } }
    }

    /// Records the handler, and tells the observers that it begins.
    func begin(_ handler: String, _ request: RegistryRequest) {
        facts.withLock { $0.handler = handler }
        for observer in observers { observer.requestBegan(request, by: handler) }
    }

    /// Makes a name that no other request has. It can be guessed: unpredictable ones cost two system calls.
    private static func nextID() -> String {
        let number = lastNumber.add(1, ordering: .relaxed).newValue
        return UploadID(bits: seed.high &+ number << 16, seed.low &+ number &* 0x9E37_79B9_7F4A_7C15).description
    }

    private static let lastNumber = Atomic<UInt64>(0)
    private static let seed = (high: UInt64.random(in: .min ... .max), low: UInt64.random(in: .min ... .max))

    /// The maximum length of a client's name for its request.
    private static let lengthLimit = 128

    private static func isAcceptable(_ id: String) -> Bool {
        guard (1...lengthLimit).contains(id.utf8.count) else { return false }
        return id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "@"):
                true
            default: false
            }
        }
    }
}
