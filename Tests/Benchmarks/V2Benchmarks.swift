import Foundation

/// Measures what v2 clients ask for, beside Debian's docker-registry.
struct V2Benchmarks {
    let scratch: URL
    let scale: Scale

    func run() throws {
        try MissingProgram.require(ServerProcess.dockerRegistryProgram)
        let servers = [
            try ServerProcess.longshore(root: scratch.appending(path: "longshore").path),
            try ServerProcess.dockerRegistry(root: scratch.appending(path: "docker-registry").path),
        ]
        defer { for server in servers { server.stop() } }
        let content = BenchmarkContent(scale)
        for server in servers {
            print("\(server.name): \(server.residentMegabytes) MB idle")
            try content.push(to: server)
        }
        // What was written a moment ago may be answered more slowly than what is old.
        Thread.sleep(forTimeInterval: 3)
        for scenario in Scenario.all(content, scale) {
            print(scenario.line(try scenario.measure(servers)))
        }
        let rate = Double(scale.largeByteCount) / 1_000_000 / (try content.writeLarge(below: scratch.path))
        print("the disk alone: \(Int(rate)) MB/s, written and made durable")
        for server in servers { print("\(server.name): \(server.peakMegabytes) MB at most") }
    }
}
