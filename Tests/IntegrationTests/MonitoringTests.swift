import Foundation
import Testing

extension Integration {
    /// What an operator sees of a running server.
    @Suite("a monitored server") struct MonitoringTests {
        private func configuration(_ directory: TemporaryDirectory, debug: Int, more: String = "") throws -> String {
            """
            version: 0.1
            storage: {filesystem: {rootdirectory: \(try directory.makeDirectory("registry"))}, delete: {enabled: true}}
            http: {debug: {addr: "127.0.0.1:\(debug)", prometheus: {enabled: true}}}
            \(more)
            """
        }

        @Test(
            "is scraped by Prometheus under load, and promtool finds only registry:2's names",
            .needs("curl"),
            .needs("prometheus", "promtool")
        )
        func prometheus() async throws {
            try await withTemporaryDirectory { directory in
                let debug = try FreePort.find()
                let text = try configuration(directory, debug: debug)
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    let page = try await Curl.request("http://127.0.0.1:\(debug)/metrics")
                    #expect(page.status == 200)
                    #expect(page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                    let file = try directory.write(page.body, to: "metrics")
                    let check = try await Program("bash").run(["-c", "promtool check metrics < \(file)"])
                    let complaints = check.errorText.split(separator: "\n").filter { !$0.hasPrefix("registry_") }
                    #expect(complaints.isEmpty, "\(complaints)")
                    try await scrape(server, debug: debug, in: directory)
                }
            }
        }

        private func scrape(_ server: LongshoreProcess, debug: Int, in directory: TemporaryDirectory) async throws {
            let port = try FreePort.find()
            let text = """
                global: {scrape_interval: 1s, scrape_timeout: 1s}
                scrape_configs: [{job_name: longshore, static_configs: [{targets: ["127.0.0.1:\(debug)"]}]}]
                """
            let file = try directory.write(Data(text.utf8), to: "prometheus.yml")
            let arguments = [
                "--config.file=\(file)", "--storage.tsdb.path=\(directory.path("tsdb"))",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ]
            let prometheus = try RunningProgram(Program("prometheus"), arguments)
            defer { prometheus.discard() }
            func value(_ query: String) async throws -> Double {
                let url = "http://127.0.0.1:\(port)/api/v1/query"
                let answer = try await Curl.request(url, ["--data-urlencode", "query=\(query)"])
                let match = answer.text.firstMatch(of: /"value":\[[^,]*,"([^"]*)"\]/)
                return match.flatMap { Double(String($0.1)) } ?? -1
            }
            try await prometheus.waitUntil { Loopback.accepts(port: port) }
            let deadline = ContinuousClock.now + (Requirement.isFull ? .seconds(60) : .seconds(2))
            let urls = (0..<50).map { _ in server.url("/v2/") }
            repeat {
                _ = try await Program("curl").run(["-s", "-o", "/dev/null"] + urls)
            } while ContinuousClock.now < deadline
            var seen = 0.0
            for _ in 0..<200 where seen < 50 {
                try await Task.sleep(for: .milliseconds(50))
                seen = try await value(#"registry_http_requests_total{handler="base",method="get",code="200"}"#)
            }
            #expect(seen >= 50)
            #expect(try await value("min_over_time(up[1m])") == 1)
            #expect(try await value(#"longshore_client_requests_total{era="curl"}"#) >= 50)
            #expect(try await value("longshore_storage_lock_held") == 1)
        }

        @Test("refuses everything while its disk is away, says so once, and goes on when it is back", .needs("curl"))
        func replacedRoot() async throws {
            try await withTemporaryDirectory { directory in
                let debug = try FreePort.find()
                let more = "health: {storagedriver: {enabled: true, interval: 500ms}}"
                let text = try configuration(directory, debug: debug, more: more)
                let root = directory.path("registry")
                try await withLongshore(configuration: text, in: directory.path("config.yml")) { server in
                    let manifest = Data(
                        #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#
                            .utf8
                    )
                    let body = try directory.write(manifest, to: "manifest")
                    let push = ["-X", "PUT", "-H", "Content-Type: application/vnd.oci.image.index.v1+json", "-T", body]
                    #expect(try await Curl.request(server.url("/v2/a/manifests/1"), push).status == 201)
                    try FileManager.default.moveItem(atPath: root, toPath: root + ".away")
                    try directory.makeDirectory("registry")
                    #expect(try await Curl.request(server.url("/v2/a/manifests/1")).status == 503)
                    #expect(try await Curl.request(server.url("/v2/a/manifests/2"), push).status == 503)
                    #expect(try await Curl.request(server.url("/v2/_catalog")).status == 503)
                    #expect(try await Curl.request(server.url("/")).status == 503)
                    let health = try await Curl.request("http://127.0.0.1:\(debug)/debug/health")
                    #expect(health.status == 503 && health.text.contains("was a disk unmounted?"))
                    let status = try await Program.longshore.run(["status", "--root", root + ".away"])
                    #expect(
                        status.status == 1 && status.text.contains("unhealthy"),
                        "\(status.text)\(status.errorText)"
                    )
                    #expect(try FileManager.default.contentsOfDirectory(atPath: root).isEmpty)
                    try FileManager.default.removeItem(atPath: root)
                    try FileManager.default.moveItem(atPath: root + ".away", toPath: root)
                    var answer = try await Curl.request("http://127.0.0.1:\(debug)/debug/health")
                    for _ in 0..<300 where answer.status != 200 {
                        try await Task.sleep(for: .milliseconds(50))
                        answer = try await Curl.request("http://127.0.0.1:\(debug)/debug/health")
                    }
                    #expect(try await Curl.request(server.url("/v2/a/manifests/1")).status == 200)
                    #expect(try server.logCount("health check failed") == 1)
                    #expect(try server.logCount("health check passes again") == 1)
                }
            }
        }

        @Test("writes one line for each request, which the client cannot forge, and the audit log", .needs("curl"))
        func logs() async throws {
            try await withTemporaryDirectory { directory in
                let audit = directory.path("audit.log")
                let text = try configuration(directory, debug: try FreePort.find(), more: "log: {audit: \(audit)}")
                let server = try await LongshoreProcess(configuration: text, in: directory.path("config.yml"))
                defer { server.running.discard() }
                let forged = ["-A", "x status=500 user=root", "-H", "X-Request-Id: mine-1"]
                let answer = try await Curl.request(server.url("/v2/"), forged)
                #expect(answer.status == 200 && answer.headers["x-request-id"] == "mine-1")
                _ = try await Curl.request(server.url("/v2/a/blobs/uploads/?digest=x"), ["-X", "POST", "-d", "x"])
                let manifest = Data(
                    #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#.utf8
                )
                let body = try directory.write(manifest, to: "manifest")
                let push = ["-X", "PUT", "-H", "Content-Type: application/vnd.oci.image.index.v1+json", "-T", body]
                #expect(try await Curl.request(server.url("/v2/a/manifests/1"), push).status == 201)
                let status = try await Program.longshore.run(["status", "--root", directory.path("registry")])
                #expect(status.status == 0 && status.text.contains("healthy"), "\(status.text)\(status.errorText)")
                try await server.running.stop()
                let lines = try server.running.errorText.split(separator: "\n")
                #expect(lines.allSatisfy { $0.hasPrefix("time=") })
                #expect(try server.running.text.split(separator: "\n").allSatisfy { $0.hasPrefix("time=") })
                let line = try #require(lines.first { $0.contains("request_id=mine-1") })
                #expect(
                    line.contains(#"status=200 "#) && line.contains(#" agent="x status=500 user=root" "#),
                    "\(line)"
                )
                #expect(lines.last?.contains("msg=stopped") == true, "\(lines.last ?? "")")
                let record = try String(contentsOfFile: audit, encoding: .utf8).split(separator: "\n")
                #expect(
                    record.count == 2
                        && record.last?.contains("event=tag_set repository=a tag=1 digest=sha256:") == true
                )
            }
        }
    }
}
