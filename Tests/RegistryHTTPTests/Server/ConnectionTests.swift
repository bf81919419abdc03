import HTTPTypes
import Logging
import NIOCore
import RegistryHTTP
import ServiceLifecycle
import Testing

@Suite("Connections")
struct ConnectionTests {
    @Sendable private static func name(_ request: RegistryRequest) async -> RegistryResponse {
        RegistryResponse(.ok, body: .bytes(ByteBuffer(string: request.target)))
    }

    @Test("a server on all addresses sees its clients' real addresses", arguments: ["", "127.0.0.1"])
    func addresses(host: String) async throws {
        let address: @Sendable (RegistryRequest) async -> RegistryResponse = { request in
            RegistryResponse(.ok, body: .bytes(ByteBuffer(string: request.remoteAddress ?? "unknown")))
        }
        try await withServer(on: host, answering: address) { port, _ in
            let answer = try await withClient(of: port) { try $0.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
            #expect(answer.text == "127.0.0.1")
        }
    }

    @Test("an address already in use is an error")
    func addressInUse() async throws {
        try await withServer(answering: Self.name) { port, _ in
            let second = RegistryServer(
                at: .address(ListenAddress(host: "127.0.0.1", port: port)),
                responder: ClosureResponder(Self.name),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            await #expect(throws: UnusableAddress.self) { try await second.run() }
        }
    }

    @Test("one connection serves many requests")
    func keepAlive() async throws {
        try await withServer(answering: Self.name) { port, _ in
            try await withClient(of: port) { client in
                for number in 0..<1000 {
                    let answer = try client.exchange("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(answer.text == "/\(number)")
                }
            }
        }
    }

    @Test(
        "a connection lasts as its version and its Connection field require",
        arguments: [
            ("HTTP/1.1\r\n", nil, false), ("HTTP/1.1\r\nConnection: close\r\n", "close", true),
            ("HTTP/1.1\r\nConnection: Close, TE\r\n", "close", true), ("HTTP/1.0\r\n", "close", true),
            ("HTTP/1.0\r\nConnection: keep-alive\r\n", "keep-alive", false),
        ]
    )
    func lifetime(rest: String, field: String?, closes: Bool) async throws {
        try await withServer(answering: Self.name) { port, _ in
            try await withClient(of: port) { client in
                let answer = try client.exchange("GET /x \(rest)Host: x\r\n\r\n")
                #expect(answer["connection"] == field)
                if closes {
                    #expect(try client.receive().isEmpty)
                } else {
                    #expect(try client.exchange("GET /y HTTP/1.1\r\nHost: x\r\n\r\n").text == "/y")
                }
            }
        }
    }

    @Test(
        "anything but HTTP gets 400, and the connection ends",
        arguments: [
            "hello\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ]
    )
    func malformed(request: String) async throws {
        try await withServer(answering: Self.name) { port, _ in
            try await withClient(of: port) { client in
                let answer = try client.exchange(request)
                #expect(answer.status == 400)
                #expect(answer["connection"] == "close")
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test(
        "a request with other than one valid host gets 400, except in HTTP/1.0",
        arguments: [
            ("HTTP/1.1\r\n", 400), ("HTTP/1.1\r\nHost: x\r\nHost: y\r\n", 400),
            ("HTTP/1.1\r\nHost: x\r\nhOST: x\r\n", 400), ("HTTP/1.0\r\nHost: x\r\nHost: x\r\n", 400),
            ("HTTP/1.1\r\nHost: a b\r\n", 400), ("HTTP/1.1\r\nHost: x/y\r\n", 400),
            ("HTTP/1.1\r\nHost: user@x\r\n", 400), ("HTTP/1.1\r\nHost: h\u{F6}\r\n", 400),
            ("HTTP/1.0\r\n", 200), ("HTTP/1.0\r\nHost: x\r\n", 200), ("HTTP/1.1\r\nHost:\r\n", 200),
            ("HTTP/1.1\r\nHost: [::1]:5000\r\n", 200), ("HTTP/1.1\r\nHost: my_host.example:5000\r\n", 200),
        ]
    )
    func host(rest: String, status: Int) async throws {
        try await withServer(answering: Self.name) { port, _ in
            try await withClient(of: port) { client in
                let answer = try client.exchange("GET /x \(rest)\r\n")
                #expect(answer.status == status)
                if status == 400 {
                    #expect(answer["connection"] == "close")
                    #expect(try client.receive().isEmpty)
                }
            }
        }
    }

    @Test("header fields of absurd size get 431")
    func absurdHeaders() async throws {
        try await withServer(answering: Self.name) { port, _ in
            try await withClient(of: port) { client in
                let field = "X-Field: \(String(repeating: "a", count: 70_000))\r\n"
                let answer = try client.exchange("GET / HTTP/1.1\r\nHost: x\r\n\(field)\r\n")
                #expect(answer.status == 431)
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test("a TLS handshake gets a plain HTTP response at once, and a close")
    func handshake() async throws {
        try await withServer(answering: Self.name) { port, _ in
            try await withClient(of: port) { client in
                try client.send([0x16, 0x03, 0x01, 0x00, 0xA5, 0x01, 0x00, 0x00, 0xA1, 0x03, 0x03])
                #expect(try client.receiveHead().status == 400)
                // The sentence, and the end.
                #expect(try client.countToEnd() < 100)
            }
        }
    }

    @Test(
        "an idle connection is closed",
        arguments: ["", "GET / HTT", "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"]
    )
    func idle(sent: String) async throws {
        try await withServer(idleTimeout: .milliseconds(100), answering: Self.name) { port, _ in
            try await withClient(of: port) { client in
                try client.send(sent)
                // Whatever was sent before does not matter: the stream ends.
                #expect(try client.countToEnd() < 1000)
            }
        }
    }

    /// What is sent at once, before bytes trickle; whether a request came before; whether the port is encrypted.
    private static let beginnings: [(String, Bool, Bool)] = [
        ("GET / HTTP/1.1\r\nX: ", false, false), ("GET / HTTP/1.1\r\nX: ", true, false),
        ("GET / HTTP/1.1\r\nX: ", false, true), ("\u{16}\u{3}\u{1}\u{40}\u{0}", false, true),
    ]

    @Test("a head, and the handshake before it, have a deadline, however steadily they arrive", arguments: beginnings)
    func slowHead(beginning: String, isSecond: Bool, isEncrypted: Bool) async throws {
        let encryption = isEncrypted ? try TestEncryption.make() : nil
        try await withServer(
            encryption: encryption,
            headTimeout: .milliseconds(200),
            answering: Self.name
        ) { port, _ in
            try await withClient(of: port) { client in
                if isSecond { #expect(try client.exchange("GET /x HTTP/1.1\r\nHost: x\r\n\r\n").status == 200) }
                try client.send(beginning)
                // Each byte waits until another connection was refused, which takes a moment.
                var count = 0
                do {
                    while count < 20_000 {
                        let other = try TestClient(port: port)
                        try other.send("x\r\n\r\n")
                        _ = try other.countToEnd()
                        try client.send("x")
                        count += 1
                    }
                } catch TestClient.Failure.reset {}
                #expect(count < 20_000)
                #expect(try client.countToEnd() == 0)
            }
        }
    }

    @Test("a body, and the next request, may take longer than a head")
    func slowBody() async throws {
        let echo: @Sendable (RegistryRequest) async -> RegistryResponse = { request in
            do {
                return RegistryResponse(.ok, body: .bytes(try await request.body.withDocument(upTo: 100) { $0 }))
            } catch {
                return RegistryResponse(.badRequest)
            }
        }
        // Long enough for a busy machine to send a head in time.
        try await withServer(headTimeout: .seconds(1), answering: echo) { port, _ in
            try await withClient(of: port) { client in
                // A silent connection comes and goes meanwhile, which takes as long as a head may.
                func wait() throws { #expect(try TestClient(port: port).countToEnd() == 0) }
                try client.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
                try wait()
                #expect(try client.exchange("rest").text == "rest")
                try wait()
                #expect(try client.exchange("GET /y HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
            }
        }
    }

    @Test("a connection with a slow response is not idle")
    func slowAnswer() async throws {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        let wait: @Sendable (RegistryRequest) async -> RegistryResponse = { request in
            guard request.path == "/wait" else { return RegistryResponse(.ok) }
            for await _ in signals { break }
            return RegistryResponse(.accepted)
        }
        try await withServer(idleTimeout: .milliseconds(100), answering: wait) { port, _ in
            async let waiting = withClient(of: port) { try $0.exchange("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n") }
            // Three idle connections come and go meanwhile, which takes three times the timeout.
            for _ in 0..<3 {
                let received = try await withClient(of: port) { try $0.countToEnd() }
                #expect(received == 0)
            }
            signal.yield()
            let answer = try await waiting
            #expect(answer.status == 202)
        }
    }

    @Test("a shutdown lets the arriving request finish, and closes idle connections")
    func shutdown() async throws {
        let echo: @Sendable (RegistryRequest) async -> RegistryResponse = { request in
            do {
                return RegistryResponse(.ok, body: .bytes(try await request.body.withDocument(upTo: 100) { $0 }))
            } catch {
                return RegistryResponse(.badRequest)
            }
        }
        try await withServer(answering: echo) { port, services in
            let (starts, start) = AsyncStream.makeStream(of: Void.self)
            async let upload = withClient(of: port) { client in
                let idle = try TestClient(port: port)
                try client.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
                #expect(try client.receiveHead().status == 100)
                #expect(try idle.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
                start.yield()
                // The end of the idle connection shows that the shutdown has begun.
                #expect(try idle.countToEnd() == 0)
                let answer = try client.exchange("rest")
                #expect(try client.receive().isEmpty)
                return answer
            }
            for await _ in starts { break }
            await services.triggerGracefulShutdown()
            let answer = try await upload
            #expect(answer.status == 200 && answer.text == "rest")
            #expect(answer["connection"] == "close")
        }
    }
}
