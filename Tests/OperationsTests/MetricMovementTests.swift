import HTTPTypes
import ImageModel
import Logging
import NIOCore
import RegistryCore
import Storage
import TestSupport
import Testing

@testable import Operations
@testable import RegistryHTTP

/// What happens moves its metric.
@Suite struct MetricMovementTests {
    private let storage = MemoryStorage()
    private let metrics = PrometheusMetrics()
    private let v1Name = V1RepositoryName(namespace: "library", repository: "app")

    private func registry() -> Registry {
        let registry = Registry(
            storage: storage,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 2),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        _ = RegistryMetrics(of: registry, metrics)
        return registry
    }

    /// Expects each series to grow by this much.
    private func expect(
        _ growth: [String: Double],
        while work: () async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = await values()
        try await work()
        let after = await values()
        for (series, amount) in growth {
            let difference = (after[series] ?? 0) - (before[series] ?? 0)
            #expect(difference == amount, "\(series)", sourceLocation: sourceLocation)
        }
    }

    private func values() async -> [String: Double] {
        var values: [String: Double] = [:]
        for line in await metrics.page().split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return values
    }

    private func changes(_ change: String) -> String { "longshore_changes_total{change=\"\(change)\"}" }

    @Test("v1 images: conversions and derivations, successful or not")
    func conversions() async throws {
        let registry = registry()
        let tree = TestTree(storage: storage)
        let sound = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let damaged = try await tree.add("b", layer: try TestTree.layer("truncated.tar.gz"))
        try await expect([#"longshore_conversions_total{result="success"}"#: 1, changes("tag_set"): 1]) {
            try await registry.bridge.set("1", to: sound, by: ClientAgent(nil), in: v1Name)
        }
        try await expect([#"longshore_conversions_total{result="failure"}"#: 1, changes("tag_set"): 1]) {
            try await registry.bridge.set("2", to: damaged, by: ClientAgent(nil), in: v1Name)
        }
        let name = try RepositoryName(parsing: "app")
        try await expect([#"longshore_derivations_total{form="oci",result="success"}"#: 1]) {
            let accepted = [MediaType.ociManifest.description]
            let tag = Reference.tag(try Tag(parsing: "1"))
            _ = try await registry.manifest(tag, in: name, accepting: accepted, by: ClientAgent(nil))
        }
    }

    @Test("v2 changes of each kind, and open uploads")
    func changesByV2() async throws {
        let registry = registry()
        let name = try RepositoryName(parsing: "a/b")
        let other = try RepositoryName(parsing: "a/c")
        let blob = try Digest(parsing: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
        var upload: UploadID?
        try await expect(["longshore_uploads_open": 1]) { upload = try await registry.uploads.begin(in: name) }
        let id = try #require(upload)
        try await expect(["longshore_uploads_open": -1, changes("blob_pushed"): 1]) {
            let (body, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
            continuation.yield(ByteBuffer(string: "{}"))
            continuation.finish()
            try await registry.uploads.finish(id, as: blob, in: name, appending: body, at: 0)
        }
        try await expect([changes("blob_mounted"): 1]) {
            let isMounted = try await registry.mount(blob, from: name, into: other)
            #expect(isMounted)
        }
        try await expect([changes("blob_deleted"): 1]) { try await registry.deleteBlob(blob, in: other) }
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","layers":[],"config":\
            {"mediaType":"application/vnd.example","digest":"\(blob)","size":2}}
            """
        let manifest = try Manifest(parsing: Array(text.utf8), contentType: .ociManifest)
        let tags = try ["1", "2"].map { try Tag(parsing: $0) }
        try await expect([changes("manifest_pushed"): 1, changes("tag_set"): 2]) {
            _ = try await registry.put(manifest, under: .tag(tags[0]), tags: [tags[1]], in: name)
        }
        try await expect([changes("tag_deleted"): 1]) { try await registry.deleteTag(tags[0], in: name) }
        try await expect([changes("manifest_deleted"): 1, changes("repository_deleted"): 1]) {
            _ = try await registry.deleteRepository(EventRepository(name))
        }
    }

    @Test("collection and verification, with what they removed and found")
    func upkeep() async throws {
        let registry = registry()
        let key = try V2Layout.blobData(Digest(parsing: "sha256:" + String(repeating: "a", count: 64)))
        try await storage.write(ByteBuffer(string: "unneeded"), to: key)
        // What is damaged is read twice.
        try await expect([
            "longshore_damaged_objects": 1, #"longshore_verifications_total{result="success"}"#: 1,
            "longshore_verified_bytes_total": 16,
        ]) { _ = try await registry.verifier.run(VerificationOptions(), progress: VerificationProgress()) }
        try await expect([
            #"longshore_collections_total{result="success"}"#: 1, "longshore_collection_removed_blobs_total": 1,
            "longshore_collection_freed_bytes_total": 8,
        ]) { _ = try await registry.collector.run(CollectionPolicy(grace: .zero)) }
        let after = await values()
        for name in ["collection", "verification"] {
            #expect(try #require(after["longshore_\(name)_last_success_timestamp_seconds"]) > 1_600_000_000)
        }
        #expect(after["longshore_collection_last_duration_seconds"] != nil)
    }

    @Test("refused logins, and what is not a request")
    func refusals() async throws {
        let observer = RequestMetrics(metrics)
        try await expect(["longshore_logins_refused_total": 1]) {
            let request = RegistryRequest(method: .get, target: "/v2/")
            request.context.refusedLogin = RequestContext.RefusedLogin(user: nil)
            observer.requestEnded(TestRecord.record(of: request, status: 401))
        }
        try await expect(["longshore_malformed_requests_total": 1]) { observer.requestWasMalformed("x", from: nil) }
    }
}
