import Foundation

/// Measures the cost of being seen: pulls with metrics, an access log and an audit log, and without.
struct OperationsBenchmark {
    let scratch: URL
    let scale: Scale
    let content: BenchmarkContent

    func run() throws {
        let quiet = try ServerProcess.longshore(root: scratch.appending(path: "quiet").path)
        defer { quiet.stop() }
        let observed = try ServerProcess.longshore(
            root: scratch.appending(path: "observed").path,
            environment: [
                "REGISTRY_LOG_ACCESSLOG_DISABLED": "false", "REGISTRY_LOG_AUDIT": scratch.appending(path: "audit").path,
                "REGISTRY_HTTP_DEBUG_ADDR": "127.0.0.1:\(try ServerProcess.freePort())",
                "REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED": "true",
            ]
        )
        defer { observed.stop() }
        for server in [quiet, observed] { try content.push(to: server) }
        Thread.sleep(forTimeInterval: 3)
        let path = "/v2/bench/app/manifests/latest"
        let scenario = Scenario(name: "GET manifest, observed", unit: "/s", goal: 0.9, isRepeated: true) {
            try Load($0, scale).rate(of: "GET", path)
        }
        print("with metrics, access log and audit log, and without:")
        print(scenario.line(try scenario.measure([observed, quiet])))
    }
}
