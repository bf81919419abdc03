import Foundation

/// One measurement, and how much better than the other server we should be.
struct Scenario {
    let name: String
    let unit: String
    /// The minimum of our figure divided by the other's; nil where the two do different work.
    let goal: Double?
    /// Whether it is measured once at a time, so that a rate needs several repetitions.
    var isRepeated = false
    let measure: (ServerProcess) throws -> Double

    static func all(_ content: BenchmarkContent, _ scale: Scale) -> [Scenario] {
        let megabytes = Double(scale.largeByteCount) / 1_000_000
        let middle = BenchmarkContent.repository(scale.repositoryCount / 2)
        return [
            Scenario(name: "GET manifest by tag", unit: "/s", goal: 10) { server in
                try Load(server, scale).rate(of: "GET", "/v2/bench/app/manifests/latest")
            },
            Scenario(name: "HEAD blob", unit: "/s", goal: 10) { server in
                try Load(server, scale).rate(of: "HEAD", "/v2/bench/app/blobs/\(content.layerDigest)")
            },
            Scenario(name: "GET 4 KB blob", unit: "/s", goal: 15) { server in
                try Load(server, scale).rate(of: "GET", "/v2/bench/app/blobs/\(content.layerDigest)")
            },
            Scenario(name: "_catalog?n=100 from the middle", unit: "/s", goal: 10) { server in
                try Load(server, scale, connections: 1).rate(of: "GET", "/v2/_catalog?n=100&last=\(middle)")
            },
            Scenario(name: "large push, one PUT", unit: " MB/s", goal: 1.5, isRepeated: true) { server in
                try megabytes / content.pushLarge(to: server, chunkByteCount: nil)
            },
            Scenario(name: "large push, 16 MB chunks", unit: " MB/s", goal: 1.5, isRepeated: true) { server in
                try megabytes / content.pushLarge(to: server, chunkByteCount: 16 << 20)
            },
            Scenario(name: "large pull", unit: " MB/s", goal: 1.5, isRepeated: true) { server in
                try megabytes / content.pullLarge(from: server)
            },
        ]
    }

    /// Measures all `servers`, alternating if repeated, and returns the median of each.
    func measure(_ servers: [ServerProcess]) throws -> [Double] {
        var results = servers.map { _ in [Double]() }
        for _ in 0..<(isRepeated ? 7 : 1) {
            for (index, server) in servers.enumerated() { results[index].append(try measure(server)) }
        }
        return results.map(\.median)
    }

    /// The figures of both servers and whether the goal was reached, which is reported to ``Goals``. Called once each.
    func line(_ results: [Double]) -> String {
        let ratio = results[0] / results[1]
        let name = name.padding(toLength: 32, withPad: " ", startingAt: 0)
        let figures = String(format: "%10.0f%@ %10.0f%@ %7.2fx", results[0], unit, results[1], unit, ratio)
        guard let goal else { return name + figures + "  (no goal: what is acknowledged here is synced, there not)" }
        return name + figures + "  (\(goal)x \(Goals.verdict(ratio >= goal)))"
    }
}

extension [Double] {
    /// The median, the higher of two middle values. There must be at least one.
    var median: Double { sorted()[count / 2] }
}
