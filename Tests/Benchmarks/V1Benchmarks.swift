import Foundation

/// Measures v1 against docker-registry 0.9.1 (gunicorn, two workers), each on its own tree with the same content.
///
/// The program is run by the Python of an environment that contains it: `DOCKER_REGISTRY_PYTHON`, as set up by
/// `.ci/run --full`.
struct V1Benchmarks {
    let scratch: URL
    let scale: Scale

    func run() throws {
        guard let python = ProcessInfo.processInfo.environment["DOCKER_REGISTRY_PYTHON"] else {
            throw MissingProgram(description: "DOCKER_REGISTRY_PYTHON names no Python with docker-registry 0.9.1")
        }
        let content = try V1Content(scale)
        let roots = ["v1-longshore", "v1-docker-registry"].map { scratch.appending(path: $0).path }
        for root in roots { try content.write(to: root) }
        // Images are converted on access, not in the background of a measurement.
        let servers = [
            try ServerProcess.longshore(root: roots[0], options: ["--legacy-convert", "on-access"]),
            try ServerProcess.pythonRegistry(python: python, root: roots[1]),
        ]
        defer { for server in servers { server.stop() } }
        Thread.sleep(forTimeInterval: 3)
        for scenario in scenarios(content) { print(scenario.line(try scenario.measure(servers))) }
    }

    private func scenarios(_ content: V1Content) -> [Scenario] {
        let image = "/v1/images/\(V1Content.image)"
        let megabytes = Double(content.largeLayer.count) / 1_000_000
        return [
            Scenario(name: "v1 tag list, 100 tags", unit: "/s", goal: 1) { server in
                try Load(server, scale).rate(of: "GET", "/v1/repositories/\(V1Content.repository)/tags")
            },
            Scenario(name: "v1 image json", unit: "/s", goal: 1) { server in
                try Load(server, scale).rate(of: "GET", "\(image)/json")
            },
            Scenario(name: "v1 search over \(scale.repositoryCount)", unit: "/s", goal: 1) { server in
                try Load(server, scale, connections: 4).rate(of: "GET", "/v1/search?q=repository-0012")
            },
            Scenario(name: "v1 layer pull, 4 KB", unit: "/s", goal: 1) { server in
                try Load(server, scale).rate(of: "GET", "\(image)/layer")
            },
            Scenario(name: "v1 layer pull, large", unit: " MB/s", goal: 1, isRepeated: true) { server in
                try megabytes / pull(V1Content.largeImage, from: server)
            },
            Scenario(name: "v1 layer push, 4 KB", unit: "/s", goal: 1) { server in
                try layerPushRate(content.layer, to: server.port)
            },
            Scenario(name: "v1 push of a 4 KB image", unit: "/s", goal: nil) { server in
                let port = server.port
                return try scale.rate { _ in { try push(content.layer, to: port) } }
            },
            Scenario(name: "v1 push of them by 8 daemons", unit: "/s", goal: nil) { server in
                let port = server.port
                return try scale.rate(of: 8) { _ in { try push(content.layer, to: port) } }
            },
            Scenario(name: "v1 layer push, large", unit: " MB/s", goal: 1, isRepeated: true) { server in
                try megabytes / time { try push(content.largeLayer, to: server.port) }
            },
        ]
    }

    /// The number of layers that one daemon pushes per second, not counting the start and the end of their images.
    private func layerPushRate(_ layer: [UInt8], to port: Int) throws -> Double {
        let deadline = ContinuousClock.now + .seconds(scale.seconds)
        var count = 0
        var seconds = 0.0
        while ContinuousClock.now < deadline {
            let socket = try BenchmarkSocket(port: port)
            let (id, _) = try begin(socket)
            seconds += try time { _ = try socket.exchange("PUT", "/v1/images/\(id)/layer", layer) }
            count += 1
        }
        return Double(count) / seconds
    }

    /// Begins the push of an image with a new id, and returns the id and its JSON.
    private func begin(_ socket: BenchmarkSocket) throws -> (id: String, json: [UInt8]) {
        let id = (0..<4).map { _ in String(format: "%016lx", UInt64.random(in: 0 ... .max)) }.joined()
        let json = V1Content.json(id)
        _ = try socket.exchange("PUT", "/v1/images/\(id)/json", type: "application/json", json)
        return (id, json)
    }

    /// Pushes an image with a new id and a tag for it.
    private func push(_ layer: [UInt8], to port: Int) throws {
        let socket = try BenchmarkSocket(port: port)
        let (id, json) = try begin(socket)
        _ = try socket.exchange("PUT", "/v1/images/\(id)/layer", layer)
        let checksum = "X-Docker-Checksum-Payload: \(V1Content.checksum(json, layer))"
        try socket.send(
            Array("PUT /v1/images/\(id)/checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\(checksum)\r\n\r\n".utf8)
        )
        _ = try socket.receiveAnswer()
        let tag = "/v1/repositories/bench/pushed/tags/latest"
        _ = try socket.exchange("PUT", tag, type: "application/json", Array("\"\(id)\"".utf8))
    }

    /// The seconds that a pull of a layer takes.
    private func pull(_ image: String, from server: ServerProcess) throws -> Double {
        let socket = try BenchmarkSocket(port: server.port)
        return try time {
            try socket.sendHead("GET", "/v1/images/\(image)/layer", byteCount: 0)
            try socket.discard(exactly: try socket.receiveHead())
        }
    }

    private func time(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return start.duration(to: .now) / .seconds(1)
    }
}

extension ServerProcess {
    /// docker-registry 0.9.1 as operators ran it, except that workers are not replaced after every hundred requests.
    static func pythonRegistry(python: String, root: String) throws -> ServerProcess {
        let port = try freePort()
        let environment = [
            "DOCKER_REGISTRY_CONFIG=config_sample.yml", "SETTINGS_FLAVOR=local", "STORAGE_PATH=\(root)",
            "SEARCH_BACKEND=sqlalchemy", "SQLALCHEMY_INDEX_DATABASE=sqlite:///\(root).db",
        ]
        let program = [
            python, "-c", "from gunicorn.app.wsgiapp import run; run()", "--bind", "127.0.0.1:\(port)", "--workers",
            "2", "--worker-class", "gevent", "docker_registry.wsgi:application",
        ]
        // It leaves a lock in its working directory.
        let arguments = ["-C", root + "/.."] + environment + program
        return try ServerProcess("docker-registry 0.9.1", "/usr/bin/env", arguments, port: port, root: root)
    }
}
