import Foundation

/// One thing that is measured, and how much better we should be at it.
struct Scenario {
    let name: String
    let unit: String
    /// What our figure divided by the other's should be at least; nil where the two do not do the same.
    let goal: Double?
    /// Whether it is done once at a time, so that only several times tell a rate.
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

    /// Measures all of `servers`, by turns where it is done several times: of each its median.
    func measure(_ servers: [ServerProcess]) throws -> [Double] {
        var results = servers.map { _ in [Double]() }
        for _ in 0..<(isRepeated ? 7 : 1) {
            for (index, server) in servers.enumerated() { results[index].append(try measure(server)) }
        }
        return results.map(\.median)
    }

    /// The figures of both servers, and whether the goal was reached, which ``Goals`` is told. Called once for each.
    func line(_ results: [Double]) -> String {
        let ratio = results[0] / results[1]
        let name = name.padding(toLength: 32, withPad: " ", startingAt: 0)
        let figures = String(format: "%10.0f%@ %10.0f%@ %7.2fx", results[0], unit, results[1], unit, ratio)
        guard let goal else { return name + figures + "  (no goal: what is acknowledged here is synced, there not)" }
        return name + figures + "  (\(goal)x \(Goals.verdict(ratio >= goal)))"
    }
}

extension [Double] {
    /// The one in the middle, the higher of two; of at least one.
    var median: Double { sorted()[count / 2] }
}
