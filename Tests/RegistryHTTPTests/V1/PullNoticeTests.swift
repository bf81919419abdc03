import ImageModel
import RegistryCore
import Storage
import Synchronization
import Testing

/// Which requests are pulls, for the receivers of notifications.
@Suite("A pull that causes a notification") struct PullNoticeTests {
    private final class Recorder: EventRecorder {
        private let pulls = Mutex<[RegistryPull]>([])

        func record(_ events: [RegistryEvent], in batch: inout WriteBatch) -> (@Sendable () -> Void)? { nil }

        func note(_ pull: RegistryPull) { pulls.withLock { $0.append(pull) } }

        /// The pulls since the last call, one a line.
        func take() -> [String] {
            let pulls = pulls.withLock { pulls in
                defer { pulls = [] }
                return pulls
            }
            return pulls.map { pull in
                let what =
                    switch pull.content {
                    case .manifest(let manifest, let tag): "manifest \(manifest.digest) \(tag ?? "-")"
                    case .blob(let digest, let byteCount): "blob \(digest) \(byteCount)"
                    }
                let request = pull.actor.request
                return "\(what) of \(pull.repository) by \(request?.method ?? "-") at \(request?.root ?? "-")"
            }
        }
    }

    private static let root = "http://registry.test:5000"

    @Test("through v2 is a GET or HEAD of a manifest or a blob, of which anything was there to serve")
    func v2() async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, registry in
            let client = V2Client(port: port)
            let digest = try await client.push("a/b", "1", layers: [[1, 2, 3]])
            let blob = try await client.push(blob: [1, 2, 3], into: "a/b")
            let recorder = Recorder()
            registry.events.recorder = recorder
            let accept = ["Accept": MediaType.schema2.description]
            let end = "of a/b by GET at \(Self.root)"
            #expect(try await client.get("a/b/manifests/1", headers: accept).status == 200)
            #expect(try await client.get("a/b/manifests/\(digest)", headers: accept).status == 200)
            #expect(recorder.take() == ["manifest \(digest) 1 \(end)", "manifest \(digest) - \(end)"])
            let head = try await exchange("HEAD", "/v2/a/b/manifests/1", headers: accept, port: port)
            #expect(head.status == 200)
            #expect(recorder.take() == ["manifest \(digest) 1 of a/b by HEAD at \(Self.root)"])
            let matching = accept.merging(["If-None-Match": digest]) { $1 }
            #expect(try await client.get("a/b/manifests/1", headers: matching).status == 304)
            #expect(try await client.get("a/b/manifests/2", headers: accept).status == 404)
            #expect(recorder.take().isEmpty)
            #expect(try await client.get("a/b/blobs/\(blob)").status == 200)
            #expect(try await client.get("a/b/blobs/\(blob)", headers: ["Range": "bytes=0-0"]).status == 206)
            #expect(recorder.take() == ["blob \(blob) 3 \(end)", "blob \(blob) 3 \(end)"])
            #expect(try await client.get("a/c/blobs/\(blob)").status == 404)
            #expect(recorder.take().isEmpty)
        }
    }

    @Test("through v1 is the ancestry of a tag's image, and a layer, of the repository that the token names")
    func v1() async throws {
        let tree = try ScratchTree()
        let image = TestImage(TestImage.id("1"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        try await withRegistry(over: tree.open()) { port, registry in
            var daemon = V1Daemon(port: port)
            #expect(try await daemon.push(image) == [200, 200, 200])
            #expect(try await daemon.tag("library/app", "1", image.id) == 200)
            let accept = ["Accept": MediaType.schema2.description]
            let manifest = try await V2Client(port: port).get("app/manifests/1", headers: accept)
            let digest = try #require(manifest["docker-content-digest"])
            let blob = try #require(manifest.text.matches(of: /sha256:[0-9a-f]{64}/).last.map { String($0.0) })
            let recorder = Recorder()
            registry.events.recorder = recorder
            // Nobody knows which repository it is.
            #expect(try await daemon.get("images/\(image.id)/ancestry").status == 200)
            #expect(recorder.take().isEmpty)
            daemon.authorization = #"Token Token signature=X,repository="library/app",access=read"#
            #expect(try await daemon.get("repositories/library/app/tags").status == 200)
            #expect(try await daemon.get("images/\(image.id)/ancestry").status == 200)
            #expect(try await daemon.get("images/\(image.id)/json").status == 200)
            #expect(try await daemon.get("images/\(image.id)/layer").status == 200)
            let end = "of app by GET at \(Self.root)"
            #expect(
                recorder.take() == ["manifest \(digest) 1 \(end)", "blob \(blob) \(image.layer.count) \(end)"]
            )
            daemon.authorization = #"Token Token signature=X,repository="library/other",access=read"#
            #expect(try await daemon.get("images/\(image.id)/ancestry").status == 200)
            #expect(try await daemon.get("images/\(image.id)/layer").status == 200)
            #expect(recorder.take().isEmpty)
        }
    }
}
