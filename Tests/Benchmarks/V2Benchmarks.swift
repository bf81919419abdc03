import Foundation

/// Measures requests of v2 clients, against Debian's docker-registry.
struct V2Benchmarks {
    let scratch: URL
    let scale: Scale

    func run() throws {
        let servers = try ServerProcess.besideDockerRegistry(below: scratch.appending(path: "v2"))
        defer { for server in servers { server.stop() } }
        let content = BenchmarkContent(scale)
        show("idle memory of longshore", servers[0].residentMegabytes)
        print("docker-registry: \(servers[1].residentMegabytes) MB idle")
        for server in servers { try content.push(to: server) }
        // Recently written data may be served more slowly than old data.
        Thread.sleep(forTimeInterval: 3)
        for scenario in Scenario.all(content, scale) {
            print(scenario.line(try scenario.measure(servers)))
        }
        let rate = Double(scale.largeByteCount) / 1_000_000 / (try content.writeLarge(below: scratch.path))
        print("the disk alone: \(Int(rate)) MB/s, written and made durable")
        show("peak memory of longshore, pushes and pulls", servers[0].peakMegabytes)
        print("docker-registry: \(servers[1].peakMegabytes) MB at most")
    }

    private func show(_ name: String, _ megabytes: Int) {
        print(Figure(name: name, value: Double(megabytes), unit: "MB", goal: .below(64)).line())
    }
}
