import Foundation
import HTTPTypes
import NIOCore
import RegistryCore
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Operations
@testable import RegistryHTTP

/// The metrics of registry:2, which dashboards rely on.
@Suite struct DistributionMetricsTests {
    /// A page of docker-registry 2.8.2 after a push, pulls and refused requests: its `registry_` metrics.
    static let recorded: String = {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "testdata/operations/metrics-2.8.2.txt")
        return (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    }()

    @Test("have registry:2's names, help, types, labels and buckets")
    func shape() async throws {
        let metrics = PrometheusMetrics()
        let observer = RequestMetrics(metrics)
        for (method, handler, status) in [
            (HTTPRequest.Method.get, "base", 200), (.get, "manifest", 200), (.head, "manifest", 404),
            (.put, "manifest", 201), (.get, "blob", 404), (.post, "blob_upload", 202), (.put, "blob_upload_chunk", 201),
            (.get, "catalog", 200), (.get, "tags", 200),
        ] {
            observer.observe(method, by: handler, status: status)
        }
        let storage = MeteredStorage(MemoryStorage(), driver: "filesystem", metrics)
        let key = ObjectKey.root.appending("a")
        try await storage.commit(WriteBatch([.put(ByteBuffer(string: "x"), at: key, .any, .durable)]))
        _ = try await storage.attributes(of: key)
        _ = try await storage.read(key, limit: 10)
        let registry = Registry.inMemory()
        _ = RegistryMetrics(of: registry, metrics)
        _ = try await registry.catalogue.repositories(after: nil, limit: 10)
        let ours = MetricPage(await metrics.page())
        let theirs = MetricPage(Self.recorded)
        #expect(!registry.isReadOnly, "it lives until the page is rendered")
        #expect(theirs.types.count == 7)
        for (name, type) in theirs.types {
            #expect(ours.types[name] == type)
            #expect(ours.help[name] == theirs.help[name])
            #expect(ours.labelNames(of: name) == theirs.labelNames(of: name), "\(name)")
            #expect(ours.bounds(of: name) == theirs.bounds(of: name), "\(name)")
        }
        let handlers = theirs.values(of: "handler", in: "registry_http_in_flight_requests")
        #expect(ours.values(of: "handler", in: "registry_http_in_flight_requests").isSuperset(of: handlers))
        #expect(ours.text.contains(#"registry_http_requests_total{code="201",handler="manifest",method="put"} 1"#))
    }

    @Test("stay few, whatever the clients are called and ask for")
    func bounded() async throws {
        let metrics = PrometheusMetrics()
        let observer = RequestMetrics(metrics)
        let handlers = [
            "base", "catalog", "tags", "manifest", "blob", "blob_upload", "blob_upload_chunk", "referrers", "token",
            "v1_base", "v1_search", "v1_repository", "v1_tags", "v1_image", "v1_layer", "other",
        ]
        for index in 0..<10_000 {
            observer.observe(
                HTTPRequest.Method(["GET", "PUT", "HEAD", "DELETE", "X\(index % 97)"][index % 5]) ?? .get,
                "/v2/team\(index)/image/manifests/\(index)",
                by: handlers[index % handlers.count],
                status: [200, 201, 202, 206, 304, 400, 401, 403, 404, 405, 413, 429, 500, 503][index % 14],
                agent: "agent-\(index % 1000)/1.\(index)"
            )
        }
        let page = await metrics.page()
        let samples = page.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(samples.count < 2000)
        #expect(!page.contains("team") && !page.contains("agent-") && !page.contains("X9"))
        #expect(page.contains("longshore_metric_series_dropped_total"))
    }

    @Test("count what clients change, and who they are")
    func changes() async throws {
        let metrics = PrometheusMetrics()
        let registry = Registry.inMemory()
        _ = RegistryMetrics(of: registry, metrics)
        let observer = RequestMetrics(metrics)
        observer.observe(.get, by: "v1_image", status: 200, agent: "docker/1.5.0 go/go1.4.1")
        observer.observe(.get, by: "manifest", status: 200, agent: "skopeo/1.9.3")
        observer.requestWasMalformed("x", from: nil)
        _ = try await registry.collector.run(CollectionPolicy())
        let page = await metrics.page()
        #expect(!registry.isReadOnly, "it lives until the page is rendered")
        for line in [
            #"longshore_client_requests_total{era="docker-0.x-1.5",protocol="v1"} 1"#,
            #"longshore_client_requests_total{era="skopeo",protocol="v2"} 1"#,
            #"longshore_changes_total{change="tag_set"} 0"#, "longshore_malformed_requests_total 1",
            #"longshore_collections_total{result="success"} 1"#, "longshore_uploads_open 0",
        ] {
            #expect(page.contains(line + "\n"), "\(line)")
        }
    }
}

extension RequestMetrics {
    /// Observes a request from its beginning to its end.
    func observe(
        _ method: HTTPRequest.Method,
        _ path: String = "/v2/",
        by handler: String,
        status: Int,
        agent: String? = nil
    ) {
        var headers: HTTPFields = [:]
        headers[.userAgent] = agent
        let request = RegistryRequest(method: method, target: path, headers: headers, observers: [self])
        request.context.begin(handler, request)
        requestEnded(TestRecord.record(of: request, status: status))
    }
}

/// A page of metrics, parsed.
struct MetricPage {
    let text: String
    private(set) var types: [String: String] = [:]
    private(set) var help: [String: String] = [:]
    /// The labels of each sample, by its name.
    private var samples: [(name: String, labels: [String: String])] = []

    init(_ text: String) {
        self.text = text
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                if words[1] == "TYPE" { types[words[2]] = words[3] } else { help[words[2]] = words[3] }
                continue
            }
            let name = String(line.prefix { $0 != "{" && $0 != " " })
            var labels: [String: String] = [:]
            for match in line.matches(of: /([a-z_]+)="([^"]*)"/) { labels[String(match.1)] = String(match.2) }
            samples.append((name, labels))
        }
    }

    func labelNames(of name: String) -> Set<String> {
        Set(samples.filter { $0.name == name || $0.name.hasPrefix("\(name)_") }.flatMap { $0.labels.keys })
    }

    func bounds(of name: String) -> Set<String> { values(of: "le", in: "\(name)_bucket") }

    func values(of label: String, in name: String) -> Set<String> {
        Set(samples.filter { $0.name == name }.compactMap { $0.labels[label] })
    }
}
